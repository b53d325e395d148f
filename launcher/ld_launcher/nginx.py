"""nginx as a reverse proxy, to measure the gateway beside: Debian's, taken out of its package where there is none."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import time
from pathlib import Path

from . import programs
from .checks import free_port
from .problem import Problem

VARIABLE = "PLATFORM_NGINX"
ADVICE = (
    "There is no nginx; install it (on Debian: apt-get install nginx), set PLATFORM_NGINX to one,"
    " or measure without it (--without-nginx)."
)
LONGEST_START_S = 20

# Connections to the upstream are kept, as the gateway keeps its own: without that every request would open one.
SETTINGS = """\
daemon off;
{user}
worker_processes auto;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  upstream behind {{ server 127.0.0.1:{upstream}; keepalive 128; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }}
  }}
}}
"""


# Debian puts it where only root's PATH leads.
NGINX = programs.of_debian(
    "nginx", VARIABLE, "nginx", "usr/sbin/nginx", ADVICE, "Fetching nginx to measure beside", (None, "/usr/sbin")
)
find, ensure = NGINX.find, NGINX.ensure


def serve(program: Path, folder: Path, upstream: int, stack: contextlib.ExitStack) -> tuple[int, int]:
    """Starts a proxy on a free port, stopped when the stack is closed; answers its port and its process."""
    port, settings, log = free_port(), folder / "nginx.conf", folder / "nginx.log"
    # As root its workers would be nobody, who may not reach the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    settings.write_text(SETTINGS.format(folder=folder, port=port, upstream=upstream, user=user), encoding="utf-8")
    # It takes sockets from a variable of its name.
    env = {name: value for name, value in os.environ.items() if name != "NGINX"}
    with log.open("w", encoding="utf-8") as output:
        child = subprocess.Popen(
            [str(program), "-p", str(folder), "-c", str(settings)], env=env,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    stack.callback(child.wait)
    stack.callback(child.terminate)
    end = time.monotonic() + LONGEST_START_S
    while not _listens(port):
        if child.poll() is not None or time.monotonic() > end:
            raise Problem(f"nginx did not start: {log.read_text(errors='replace').strip()[-300:]}")
        time.sleep(0.05)
    return port, child.pid


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
