"""An L-LLM's API in the shape of OpenAI's chat completions. What it says was written beforehand, by what is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


def _function(name: str, manual: str, sign: str) -> dict[str, Any]:
    """One for the task of the function base's page, which advises on clothing by the words of the sky."""
    applies = f'function applies(state, earlier) {{ return state.sky.includes("{sign}"); }}\n'
    run = f'function run(state, earlier) {{ return {{advice: "{name}"}}; }}'
    test = {"state": json.dumps({"sky": sign}), "earlier": "{}", "output": json.dumps({"advice": name})}
    return {
        "name": name, "stage": "advice", "handle": name, "manual": manual, "source": applies + run, "tests": [test],
    }  # fmt: skip


SCARF = _function("scarf", "Wrap a scarf around your neck in frost.", "frost")
BOOTS = _function("boots", "Put on rubber boots when streets are under water.", "flood water")


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """What it says to a request of chat completions: functions, or a choice of those that are offered."""
    asked = "\n".join(message["content"] for message in question["messages"])
    form = question["response_format"]["json_schema"]
    if form["name"] == "functions":
        wanted = BOOTS if "A situation has come up" in asked else SCARF
        return {"functions": [] if f'"name":"{wanted["name"]}"' in asked else [wanted]}
    offered = form["schema"]["properties"]["function"]["enum"]
    # Of a support request it knows what to do; nothing fits a game that it was told nothing about.
    chosen = offered[0] if "Support requests" in asked else offered[-1]
    return {"function": chosen, "reason": f"It was asked to choose one of {len(offered)}."}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message = {"role": "assistant", "content": json.dumps(answer(question)), "refusal": None}
        completion = {
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1741569952, "model": question["model"],
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500},
        }  # fmt: skip
        body = json.dumps(completion).encode()
        known = self.path == "/v1/chat/completions"
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def llm() -> Iterator[str]:
    """Serves it while the body runs. Yields its address, with /v1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
