"""The console in a real browser on the really started platform."""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ld_experiments.pursuit import expert
from ld_experiments.pursuit.game import MOVES
from ld_experiments.pursuit.game import Episode as Pursuit
from ld_experiments.twenty_one.game import ACTIONS
from ld_experiments.twenty_one.game import Episode as TwentyOne
from playwright.sync_api import Browser, Route, expect, sync_playwright

from console import NARROW, WIDE, Visit, launch, visit
from installation import Installation
from issuer import Issuer, issuing
from ld_launcher import jdk, services
from ld_launcher.checks import free_port
from ld_launcher.credentials import Credentials
from ld_launcher.home import SERVICE_PORTS

pytestmark = pytest.mark.e2e

BOARDS = range(6)
SECONDS_TO_A_PAGE = 1.0
BANS, EMERGENCIES = "**/functions/*/bans*", "**/emergencies**"
HOSTILE = "<img src=x onerror=\"window.hurt='yes'\"><script>window.hurt='yes'</script>"


@pytest.fixture(scope="module")
def opened() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def owner(opened: Browser, installation: Installation) -> Iterator[Visit]:
    with visit(opened, installation, installation.key()) as made:
        yield made


@pytest.fixture(scope="module")
def viewer_key(installation: Installation) -> str:
    key = f"ld_{secrets.token_urlsafe(24)}"
    keys = json.loads(installation.home.keys_file.read_text())
    digest = hashlib.sha256(key.encode()).hexdigest()
    keys.append({"name": "viewer", "sha256": digest, "tenant": "default", "scopes": ["view"]})
    installation.home.keys_file.write_text(json.dumps(keys))
    deadline = time.monotonic() + 20
    while installation.call("GET", "/v1/caller", Authorization=f"Bearer {key}").status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return key


@dataclass(frozen=True)
class Content:
    """What the pages have to show: made through the API, as a client would."""

    decision: dict[str, Any]
    dataset: str
    job: str
    claim: dict[str, Any]


def rows() -> bytes:
    """Trajectories of forty episodes in which one function is chosen far more often than the others."""
    offered = [
        {"function": name, "handle": handle, "manual": f"Use {name}."}
        for name, handle in (("flank", "flank"), ("pounce", "leap"), ("squeeze", "squeeze"), ("cut_off", "cut"))
    ]
    lines = [
        {
            "episode": f"test-{episode}", "step": step, "task": "pursuit", "stage": "approach",
            "view": f"target close, turn {episode} {step}", "candidates": offered,
            "chosen": offered[min(3, (episode * step) % 7)]["function"], "output": {"move": "north"},
        }
        for episode in range(40) for step in range(4)
    ]  # fmt: skip
    return "\n".join(json.dumps(line) for line in lines).encode()


@pytest.fixture(scope="module")
def content(installation: Installation) -> Iterator[Content]:
    """A decision, a dataset with a sealed version, and a job that a worker has begun."""
    decision = installation.decide(installation.example()).body
    made = installation.call(
        "POST", "/v1/datasets", {"name": f"shown-{secrets.token_hex(3)}", "task": "pursuit", "heldOut": 0.1}
    )
    assert made.status == 201, made.body
    dataset = made.body["id"]
    address = f"/v1/datasets/{dataset}"
    ndjson = {"Content-Type": "application/x-ndjson"}
    sent = installation.call("POST", f"{address}/trajectories?upload=rows", rows(), **ndjson)
    assert sent.status == 200, sent.body
    assert installation.call("POST", f"{address}/versions").status in (200, 201)
    stage = {"name": "approach", "instruction": "Choose how to move.", "k": 4}
    order = {
        "name": "shown-ld", "task": {"name": "pursuit", "rules": "Catch the evaders.", "stages": [stage]},
        "dataset": {"id": dataset}, "priority": 100,
    }  # fmt: skip
    job = installation.call("POST", "/v1/distillation-jobs", order)
    assert job.status == 202, job.body
    worker = {"worker": "tester", "bases": ["SmolLM2-135M-Instruct"], "methods": ["ld"]}
    claims = iter(lambda: installation.call("POST", "/worker/v1/claims", worker).body, None)
    made = Content(decision, dataset, job.body["id"], next(one for one in claims if one["job"] == job.body["id"]))
    for step in range(10, 110, 10):
        beat(installation, made, step)
    with working(installation, made):
        yield made
    installation.call("DELETE", f"/v1/distillation-jobs/{made.job}")


@contextmanager
def working(installation: Installation, content: Content) -> Iterator[None]:
    """Keeps the lease while the body runs."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(content.claim["leaseSeconds"] / 4):
            token = {"fencingToken": content.claim["fencingToken"]}
            installation.call("POST", f"/worker/v1/claims/{content.claim['id']}/heartbeats", token)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def beat(installation: Installation, content: Content, step: int) -> None:
    """Tells, as a worker does, how the training goes."""
    loss, agreement = 2 / (1 + step / 30), 1 - 0.8 / (1 + step / 40)
    sent = installation.call(
        "POST", f"/worker/v1/claims/{content.claim['id']}/heartbeats",
        {"fencingToken": content.claim["fencingToken"], "step": step, "steps": 300, "seconds": step * 2.5,
         "metrics": {"loss": loss, "agreement": agreement, "tokensPerSecond": 700.0},
         "log": [f"step {step}/300 loss {loss:.3f}"]},
    )  # fmt: skip
    assert sent.status == 200, sent.body


def test_it_is_there_before_a_second_is_over(owner: Visit) -> None:
    def seconds() -> float:
        owner.page.reload()
        owner.page.wait_for_selector("main h1")
        return float(owner.page.evaluate("performance.now()")) / 1000

    # On a machine that is busy with something else one load in time shows what the console itself takes.
    assert any(seconds() < SECONDS_TO_A_PAGE for _ in range(12))


def test_it_asks_for_a_key_and_keeps_it_out_of_every_address(opened: Browser, installation: Installation) -> None:
    with visit(opened, installation, None) as guest:
        page = guest.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{guest.address}/console/#/tasks/pursuit/decisions")
        page.get_by_label("API key").fill("ld_wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("This key is not known here.")).to_be_visible()
        assert not guest.serious()
        page.get_by_label("API key").fill(installation.key())
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Decisions")
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Decisions")
        assert not [address for address in asked if installation.key() in address]
        page.get_by_text("owner", exact=True).first.click()
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("API key")).to_be_visible()
        assert page.evaluate("sessionStorage.length") in (0, 1)
        assert installation.key() not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


PAGES = {
    "live": "#/live/pursuit",
    "twenty-one": "#/live/twenty-one",
    "decisions": "#/tasks/pursuit/decisions",
    "decision": "#/tasks/pursuit/decisions/{decision}",
    "functions": "#/tasks/pursuit/functions",
    "function": "#/tasks/pursuit/functions/cut_off",
    "snapshots": "#/tasks/pursuit/snapshots",
    "distillation": "#/distillation",
    "dataset": "#/distillation/datasets/{dataset}",
    "job": "#/distillation/jobs/{job}",
    "operations": "#/operations",
    "keys": "#/keys",
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_usable_by_everybody_in_light_and_dark_and_on_a_phone(
    owner: Visit, content: Content, name: str, tmp_path: Path
) -> None:
    decision = content.decision["id"]
    owner.go(PAGES[name].format(decision=decision, dataset=content.dataset, job=content.job))
    if name in ("live", "twenty-one"):
        for _ in range(6 if name == "live" else 3):
            step(owner)
    if name == "job":
        owner.page.wait_for_selector(".u-legend")
    owner.picture(name, tmp_path)
    assert not owner.serious()
    owner.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    owner.page.wait_for_timeout(100)
    assert not owner.serious()
    if name in ("live", "decision"):
        owner.picture(f"{name}-dark", tmp_path)
    owner.page.emulate_media(color_scheme="light", reduced_motion="reduce")
    owner.page.set_viewport_size(NARROW)
    owner.page.wait_for_timeout(150)
    assert owner.width_is_enough()
    if name in ("live", "decision"):
        owner.picture(f"{name}-narrow", tmp_path)
    owner.page.set_viewport_size(WIDE)


def step(visit: Visit) -> None:
    """One move of every player."""
    before = visit.page.locator(".moves li").count()
    lanes = visit.page.locator(".lane").count()
    visit.page.get_by_role("button", name="Step").click()
    expect(visit.page.locator(".moves li")).to_have_count(before + lanes)


def test_a_decision_shows_all_that_the_log_knows_of_it(
    owner: Visit, content: Content, installation: Installation
) -> None:
    decision = content.decision
    page = owner.go(f"#/tasks/pursuit/decisions/{decision['id']}")
    stages = page.locator(".stage")
    expect(stages).to_have_count(len(decision["stages"]))
    snapshot = installation.call("GET", f"/v1/tasks/pursuit/snapshots/{decision['snapshot']}").body
    functions = {(one["stage"], one["name"]): one for one in snapshot["functions"]}
    for index, stage in enumerate(decision["stages"]):
        shown = stages.nth(index)
        expect(shown.locator(".candidate")).to_have_count(len(stage["candidates"]) + 1)  # and "none of these"
        expect(shown.locator(".view")).to_contain_text(stage["view"])
        expect(shown.locator(".manual")).to_have_text(functions[stage["stage"], stage["chosen"]]["manual"])
        assert shown.locator(".source").inner_text().rstrip() == (
            functions[stage["stage"], stage["chosen"]]["source"].rstrip()
        )
        assert shown.locator(".source .token").count() > 5
        other = next(one["function"] for one in stage["candidates"] if one["function"] != stage["chosen"])
        shown.locator(f".candidate[data-name={other}]").click()
        expect(shown.locator(".manual")).to_have_text(functions[stage["stage"], other]["manual"])
    expect(page.get_by_role("link", name=f"{decision['episode'][:8]}…") if decision.get("episode") else stages.first)


def test_a_decision_says_where_the_student_doubted(owner: Visit, content: Content) -> None:
    def doubted(route: Route) -> None:
        decision = route.fetch().json()
        doubt = {"cause": "not-sure", "probability": 0.41, "threshold": 0.6, "handled": "runner-up"}
        decision["stages"][0] |= {"doubt": doubt, "decidedBy": "runner-up"}
        route.fulfill(json=decision)

    owner.page.route(f"**/v1/decisions/{content.decision['id']}", doubted)
    page = owner.go(f"#/tasks/pursuit/decisions/{content.decision['id']}")
    expect(page.locator(".stage .notice")).to_have_text(
        "The student was not sure enough (41.0 %, 60.0 % needed); the most probable function that works ran."
    )
    assert not owner.serious()


def test_a_decision_says_what_it_remembered(owner: Visit, content: Content) -> None:
    before = str(uuid.uuid4())

    def remembering(route: Route) -> None:
        step = {"step": 6, "decision": before, "outputs": {"target": {"target": "b"}, "approach": {"move": "east"}}}
        route.fulfill(json=route.fetch().json() | {"memory": {"step": 7, "steps": [step]}})

    owner.page.route(f"**/v1/decisions/{content.decision['id']}", remembering)
    page = owner.go(f"#/tasks/pursuit/decisions/{content.decision['id']}")
    shown = page.get_by_role("link", name="target: target b; approach: move east")
    expect(shown).to_have_attribute("href", f"#/tasks/pursuit/decisions/{before}")
    expect(page.locator(".remembered li")).to_have_js_property("value", 6)
    assert not owner.serious()


def test_a_decision_is_run_again_and_otherwise_and_judged(owner: Visit, content: Content) -> None:
    page = owner.go(f"#/tasks/pursuit/decisions/{content.decision['id']}")
    page.get_by_role("button", name="Replay").click()
    expect(page.locator("main .notice")).to_contain_text("The same again:")
    page.get_by_role("button", name="Had another been chosen").click()
    others = sum(len(stage["candidates"]) - 1 for stage in content.decision["stages"])
    expect(page.locator(".otherwise li")).to_have_count(others)
    page.get_by_role("button", name="Send reward").click()
    expect(page.get_by_text("A reward is a number.")).to_be_visible()
    page.get_by_label("Reward").fill("0.5")
    page.get_by_label("Comment").fill(HOSTILE)
    page.get_by_role("button", name="Send reward").click()
    expect(page.locator(".said-before li").first).to_contain_text(HOSTILE)
    page.get_by_label("Function").select_option("flank")
    page.get_by_role("button", name="Send correction").click()
    expect(page.locator(".said-before li").first).to_contain_text("should have been flank")
    assert not page.evaluate("window.hurt")


def test_decisions_are_listed_by_page_and_by_episode(owner: Visit, installation: Installation) -> None:
    state, episode = installation.example(), str(uuid.uuid4())
    choices = {"target": "nearest", "approach": "pounce"}
    for _ in range(35):
        sent = {"state": state, "episode": episode, "choices": choices}
        assert installation.call("POST", "/v1/tasks/pursuit/decisions", sent).status in (200, 201)
    page = owner.go(f"#/tasks/pursuit/decisions?episode={episode}")
    expect(page.locator(".rows li")).to_have_count(30)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator(".rows li")).to_have_count(35)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    page.locator(".rows a").first.click()
    expect(page.get_by_text("The choice was imposed by the caller").first).to_be_visible()


def test_the_games_of_the_page_are_those_of_the_experiments(owner: Visit) -> None:
    played = owner.page.evaluate(
        """async ([boards, moves, actions]) => {
          const { Episode: Pursuit } = await import('/console/games/pursuit.js');
          const { teach } = await import('/console/games/pursuit-teacher.js');
          const { Episode: TwentyOne } = await import('/console/games/twenty-one.js');
          const play = (episode, output, more) => {
            const states = [];
            for (let i = 0; !episode.over; i += 1) {
              states.push({ state: episode.state(), ...more(episode.state()) });
              episode.play(output(i));
            }
            return states;
          };
          return boards.map((seed) => [
            play(new Pursuit(seed), (i) => ({ move: moves[(seed * 7 + i * 3) % 5] }), (s) => ({ choices: teach(s) })),
            play(new TwentyOne(seed), (i) => ({ action: actions[(seed + i * 2) % 3] }), () => ({})),
          ]);
        }""",
        [list(BOARDS), list(MOVES), list(ACTIONS)],
    )
    for seed in BOARDS:
        assert played[seed] == [chased(seed), dealt(seed)]


def chased(seed: int) -> list[dict[str, Any]]:
    episode, states = Pursuit(seed), []
    while not episode.over:
        state = episode.state()
        target = expert.choose_target(state)
        approach = expert.choose_approach(state, expert.target_of(target, state))
        states.append({"state": state, "choices": {"target": target, "approach": approach}})
        episode.play({"move": list(MOVES)[(seed * 7 + (len(states) - 1) * 3) % 5]})
    return states


def dealt(seed: int) -> list[dict[str, Any]]:
    episode, states = TwentyOne(seed), []
    while not episode.over:
        states.append({"state": episode.state()})
        episode.play({"action": ACTIONS[(seed + (len(states) - 1) * 2) % 3]})
    return states


def test_two_players_play_the_same_board_and_every_move_leads_to_its_decision(
    owner: Visit, installation: Installation
) -> None:
    page = owner.go("#/live/pursuit")
    page.get_by_label("Player").select_option(label="Student (pursuit-ld)")
    page.get_by_label("Beside").select_option("teacher")
    page.get_by_label("Board", exact=True).fill("7")
    page.get_by_label("Speed").fill("1200")
    play = page.get_by_role("button", name="Play")
    play.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".lane").nth(0).locator(".moves li").nth(3)).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    for lane, by in ((0, "student"), (1, "rule")):
        first = page.locator(".lane").nth(lane).locator(".moves li").last.locator("a")
        decision = installation.call("GET", f"/v1/decisions/{first.get_attribute('href').rsplit('/', 1)[1]}").body
        assert decision["state"] == Pursuit(7).state()
        assert decision["stages"][0]["decidedBy"] == by
    count = page.locator(".moves li").count()
    page.locator(".moves a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Decided: move")
    page.go_back()
    expect(page.locator(".moves li")).to_have_count(count)


def test_functions_are_found_by_words_and_by_state(owner: Visit) -> None:
    page = owner.go("#/tasks/pursuit/functions")
    page.get_by_label("Find a function").fill("corner")
    expect(page.get_by_role("status").filter(has_text="of 14")).to_be_visible()
    expect(page.locator(".function-row").first).to_contain_text("corner")
    page.get_by_label("Find a function").fill("no such words")
    expect(page.get_by_text("No function has these words.")).to_be_visible()
    page.get_by_label("Stage", exact=True).select_option("approach")
    page.get_by_label("In words").fill("target adjacent to the north")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".hits li").first).to_contain_text("pounce")
    expect(page.locator(".hits mark").first).to_be_visible()
    page.get_by_label("In words").fill("")
    page.get_by_label("Stage", exact=True).select_option("target")
    page.get_by_text("By a state instead").click()
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".hits li")).to_have_count(5)
    page.get_by_label("State", exact=True).fill("{")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("The state is not JSON")).to_be_visible()


def odd_task(installation: Installation, task: str) -> dict[str, Any]:
    """A task whose every free text tries to become markup."""
    definition = {
        "name": task, "title": HOSTILE, "rules": HOSTILE,
        "stateSchema": {"type": "object", "examples": [{"text": HOSTILE}]}, "outputSchema": {"type": "object"},
        "stages": [{
            "name": "only", "instruction": HOSTILE, "k": 3,
            "view": {"language": "javascript", "source": "function view(state) { return state.text; }"},
        }],
    }  # fmt: skip
    assert installation.call("PUT", f"/v1/tasks/{task}", definition).status in (200, 201)
    return odd_function(installation, task, "echo", "one", "state.text")


def odd_function(installation: Installation, task: str, name: str, handle: str, text: str) -> dict[str, Any]:
    function = {
        "name": name, "stage": "only", "handle": handle, "manual": f"{name} {HOSTILE}", "language": "javascript",
        "source": f"// {HOSTILE}\nfunction run(state) {{ return {{text: {text}}}; }}",
        "tests": [{"state": {"text": HOSTILE}, "output": {"text": HOSTILE}}],
    }  # fmt: skip
    admitted = installation.call("POST", f"/v1/tasks/{task}/functions", function)
    assert admitted.status in (200, 201), admitted.body
    return installation.call("POST", f"/v1/tasks/{task}/snapshots").body


def test_texts_of_others_never_become_markup(owner: Visit, installation: Installation) -> None:
    task = f"odd-{secrets.token_hex(3)}"
    first = odd_task(installation, task)
    installation.call("POST", f"/v1/tasks/{task}/snapshots/{first['snapshot']}/activations")
    asked = {"state": {"text": HOSTILE}, "choices": {"only": "echo"}}
    decision = installation.call("POST", f"/v1/tasks/{task}/decisions", asked)
    assert decision.status in (200, 201), decision.body
    pages = ("decisions", f"decisions/{decision.body['id']}", "functions", "functions/echo", "snapshots")
    for fragment in pages:
        page = owner.go(f"#/tasks/{task}/{fragment}")
        if fragment != "snapshots":
            expect(page.locator("main")).to_contain_text("window.hurt='yes'")
        assert page.locator("main img, main script").count() == 0
        assert not page.evaluate("window.hurt")


def test_snapshots_are_compared_activated_and_gone_back_to(owner: Visit, installation: Installation) -> None:
    task = f"odd-{secrets.token_hex(3)}"
    first = odd_task(installation, task)
    second = odd_function(installation, task, "repeat", "two", "state.text + ''")
    page = owner.go(f"#/tasks/{task}/snapshots")
    page.get_by_label("From").select_option(first["snapshot"])
    page.get_by_label("To", exact=True).select_option(second["snapshot"])
    expect(page.get_by_text("1 added, 0 removed, 0 changed, 1 the same.")).to_be_visible()
    page.get_by_text("only/repeat").click()
    expect(page.locator(".diff .plus").first).to_be_visible()
    for wanted in (second, first):
        row = page.get_by_role("row").filter(has_text=wanted["snapshot"][7:15])
        if row.get_by_text("active", exact=True).count():
            continue
        row.get_by_role("button", name="Activate").click()
        page.get_by_label("Reason, kept in the record").fill("because of a test")
        page.get_by_role("dialog").get_by_role("button", name="Activate").click()
        expect(row.get_by_text("active", exact=True)).to_be_visible()
        active = installation.call("GET", f"/v1/tasks/{task}/snapshots/active").body
        assert active["snapshot"] == wanted["snapshot"]


def test_a_job_is_watched_while_it_runs(owner: Visit, content: Content, installation: Installation) -> None:
    page = owner.go(f"#/distillation/jobs/{content.job}")
    expect(page.get_by_role("log")).to_contain_text("step 100/300")
    beat(installation, content, 120)
    expect(page.get_by_role("log")).to_contain_text("step 120/300")
    expect(page.get_by_text("120 of 300")).to_be_visible()
    expect(page.locator(".chart canvas")).to_have_count(2)
    expect(page.locator(".chart[aria-label*='loss: 0.40']")).to_have_count(1)


def test_a_student_is_promoted_past_the_gate_and_rolled_back(owner: Visit, installation: Installation) -> None:
    page = owner.go("#/distillation")
    group = page.locator("section.group").filter(has=page.get_by_role("heading", name="pursuit", exact=True))
    untuned = group.locator(".students > li").filter(has_text="untuned").first
    untuned.get_by_role("button", name="Promote").click()
    page.get_by_role("dialog").get_by_role("button", name="Promote").click()
    expect(untuned.get_by_role("alert")).to_be_visible()
    untuned.get_by_role("button", name="Promote").click()
    page.get_by_label("Reason, kept in the record").fill("to see what it does")
    page.get_by_label("Go past the gate").check()
    page.get_by_role("dialog").get_by_role("button", name="Promote").click()
    expect(group.locator(".serving")).to_contain_text("untuned")
    group.locator(".serving").get_by_role("button", name="Roll back").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(group.locator(".serving")).to_contain_text("pursuit-ld")
    group.locator(".serving").get_by_role("button", name="History").click()
    expect(group.locator(".history")).to_contain_text("rollback by owner")
    serving = installation.call("GET", "/v1/students?task=pursuit&promoted=true").body["items"]
    assert [one["name"] for one in serving] == ["pursuit-ld"]


def test_what_a_student_gets_and_how_long_it_takes_is_shown_beside_the_one_that_serves(
    owner: Visit, installation: Installation
) -> None:
    students = installation.call("GET", "/v1/students?task=pursuit").body["items"]
    for student, reward in ((one["id"], 1 if one["promoted"] else 0.5) for one in students):
        episodes = [{"seed": seed, "reward": reward, "teacher": 1} for seed in range(5)]
        report = {"environment": "shown-boards", "episodes": episodes}
        assert installation.call("POST", f"/v1/students/{student}/rewards", report).status in (200, 201)
    page = owner.go("#/distillation")
    group = page.locator("section.group").filter(has=page.get_by_role("heading", name="pursuit", exact=True))
    untuned = group.locator(".students > li").filter(has_text="untuned").first
    rewards = untuned.get_by_role("region", name="Rewards of untuned")
    expect(rewards.get_by_role("row").filter(has_text="shown-boards")).to_contain_text("50 %")
    expect(rewards.get_by_role("row").filter(has_text="shown-boards")).to_contain_text("-0.50")
    assert not owner.serious()


def test_a_student_is_tried_on_a_share_and_rolled_back(owner: Visit, installation: Installation) -> None:
    page = owner.go("#/distillation")
    group = page.locator("section.group").filter(has=page.get_by_role("heading", name="pursuit", exact=True))
    untuned = group.locator(".students > li").filter(has_text="untuned").first
    untuned.get_by_role("button", name="Canary").click()
    page.get_by_label("Percent of the decisions").fill("99")
    page.get_by_label("Reason, kept in the record").fill("to see how it does")
    page.get_by_label("Go past the gate").check()
    page.get_by_role("dialog").get_by_role("button", name="Start").click()
    expect(untuned).to_contain_text("canary, 99 %")
    expect(group.locator(".serving")).to_contain_text("pursuit-ld")
    deadline = time.monotonic() + 60
    while not installation.decide(installation.example()).body.get("canary"):
        assert time.monotonic() < deadline
    expect(untuned.get_by_role("region", name="The canary and the student that serves")).to_be_visible(timeout=20_000)
    assert not owner.serious()
    untuned.get_by_role("button", name="Roll back").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    expect(untuned.get_by_role("button", name="Promote")).to_be_visible()
    untuned.get_by_role("button", name="History").click()
    expect(untuned.locator(".history")).to_contain_text("canary of 99 %: rolled-back")
    serving = installation.call("GET", "/v1/students?task=pursuit&promoted=true").body["items"]
    assert [one["name"] for one in serving] == ["pursuit-ld"]
    assert "canary" not in serving[0]


def test_bans_and_emergencies_are_offered_only_where_the_platform_has_them(owner: Visit) -> None:
    page = owner.page
    for pattern in (BANS, EMERGENCIES):
        page.route(pattern, lambda route: route.fulfill(status=404, json={"status": 404}))
    assert offered(owner) == (0, 0)
    page.route(BANS, lambda route: route.fulfill(json=[]))
    page.route(EMERGENCIES, lambda route: route.fulfill(status=405, json={"status": 405}))
    assert offered(owner) == (1, 1)


def test_a_function_is_banned_with_a_reason_and_the_ban_is_lifted(owner: Visit) -> None:
    page, bans, asked = owner.page, [], []

    def answer(route: Route) -> None:
        request = route.request
        if request.method == "POST":
            ban = {"bannedAt": "2026-11-26T20:00:00Z", "bannedBy": "owner", **request.post_data_json}
            bans.insert(0, ban)
        elif request.method == "DELETE":
            asked.append(request.url.partition("?")[2])
            bans[0] |= {"liftedAt": "2026-11-26T20:05:00Z", "liftedBy": "owner"}
        route.fulfill(json=bans)

    page.route(BANS, answer)
    owner.go("#/tasks/pursuit/functions/flank")
    page.get_by_role("button", name="Ban", exact=True).click()
    assert not owner.serious()
    confirm = page.get_by_role("dialog").get_by_role("button", name="Ban")
    confirm.click()
    expect(confirm).to_be_visible()  # it wants a reason
    page.get_by_label("Reason, kept in the record").fill(HOSTILE)
    confirm.click()
    expect(page.locator(".history li")).to_contain_text(HOSTILE)
    expect(page.locator(".title .chip")).to_have_text("banned")
    page.get_by_role("button", name="Lift the ban").click()
    page.get_by_label("Reason, kept in the record").fill("fits again")
    page.get_by_role("dialog").get_by_role("button", name="Lift the ban").click()
    expect(page.locator(".history li")).to_contain_text("lifted by owner")
    expect(page.get_by_role("button", name="Ban", exact=True)).to_be_visible()
    assert asked == ["reason=fits+again"]


def test_an_emergency_is_looked_at_put_in_force_and_taken_out(owner: Visit) -> None:
    page, sent, standing = owner.page, [], []
    change = {
        "decision": str(uuid.uuid4()), "decidedAt": "2026-11-26T19:00:00Z", "chosen": "flank",
        "from": {"move": "north"}, "to": {"move": "stay"},
    }  # fmt: skip
    logged = {"considered": 100, "applies": 3, "changed": 1, "failed": 0, "changes": [change]}
    generated = {"seed": 1, "found": 200, "applies": 4, "failed": 0, "examples": []}

    def answer(route: Route) -> None:
        request = route.request
        if request.method == "GET":
            route.fulfill(json={"items": standing})
        elif request.method == "DELETE":
            standing[0]["status"] = "removed"
            route.fulfill(json=standing[0])
        elif "preview=true" in request.url:
            sent.append(request.post_data_json)
            route.fulfill(json={"logged": logged, "generated": generated, "note": HOSTILE})
        else:
            sent.append(request.post_data_json)
            made = {"id": "e1", "status": "active", "createdBy": "owner", "createdAt": "2026-11-26T20:00:00Z"}
            standing.append({**made, "situation": HOSTILE, "stage": "approach", "function": "stand_still"})
            route.fulfill(status=202, json=standing[0])

    page.route(EMERGENCIES, answer)
    owner.go("#/tasks/pursuit/emergency")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Say what has happened.")).to_be_visible()
    page.get_by_label("What has happened").fill("The targets are frozen.")
    page.get_by_label("Name", exact=True).fill("stand_still")
    page.get_by_label("Handle").fill("freeze")
    page.get_by_label("Manual").fill("Targets frozen: stay.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("row").filter(has_text="move stay")).to_be_visible()
    assert not owner.serious()
    assert sent[0]["function"]["name"] == "stand_still"
    assert [set(one) for one in sent[0]["examples"]] == [{"state"}]
    page.get_by_role("button", name="Put it in force").click()
    expect(page.locator("main .notice.good")).to_contain_text("stand_still is among the candidates")
    assert sent[0] == sent[1]
    page.reload()
    owner.settle()
    expect(page.locator(".emergency")).to_contain_text(HOSTILE)
    page.get_by_role("button", name="Take it out").click()
    expect(page.locator(".emergency .chip")).to_have_text("removed")
    assert not page.evaluate("window.hurt")


def test_what_the_log_counts_is_drawn_where_it_counts(owner: Visit) -> None:
    buckets = [
        {"from": f"2026-11-26T{hour:02}:00:00Z", "decisions": 10 * hour, "p50Ms": 20.0 + hour, "p99Ms": 90.0}
        for hour in range(6, 18)
    ]
    stages = [
        {"stage": "target", "function": "nearest", "decidedBy": who, "decisions": count, "share": count / 4}
        for who, count in (("student", 3), ("teacher", 1))
    ]
    counted = {"buckets": buckets, "stages": stages, "feedback": {"corrected": 2, "agreeing": 1, "meanReward": 0.5}}
    owner.page.route("**/decision-statistics*", lambda route: route.fulfill(json=counted))
    page = owner.go("#/operations")
    expect(page.locator(".chart canvas").nth(1)).to_be_visible()
    expect(page.locator(".group").first).to_contain_text("1,380")
    expect(page.locator(".group").first).to_contain_text("By escalated25 %")
    assert not owner.serious()


def offered(visit: Visit) -> tuple[int, int]:
    """How many buttons to ban and links to emergencies there are."""
    bans = visit.go("#/tasks/pursuit/functions/flank").get_by_role("button", name="Ban", exact=True).count()
    return bans, visit.go("#/tasks/pursuit/functions").get_by_role("link", name="Emergencies").count()


def test_what_a_key_may_not_do_is_not_offered(
    opened: Browser, installation: Installation, content: Content, viewer_key: str
) -> None:
    with visit(opened, installation, viewer_key) as viewer:
        page = viewer.go(f"#/tasks/pursuit/decisions/{content.decision['id']}")
        assert page.get_by_role("link", name="Live").count() == 0
        assert page.get_by_role("button", name="Replay").count() == 0
        assert page.get_by_role("button", name="Send correction").count() == 0
        viewer.go("#/distillation")
        assert page.get_by_role("button", name="Promote").count() == 0
        viewer.go("#/tasks/pursuit/snapshots")
        assert page.get_by_role("button", name="Publish").count() == 0
        page.goto(f"{viewer.address}/console/#/live")
        expect(page.get_by_text("This key may not ask for decisions")).to_be_visible()
        assert page.get_by_role("link", name="Keys").count() == 0
        viewer.go("#/keys")
        expect(page.get_by_text("This key may not look after keys.")).to_be_visible()


def test_a_key_is_made_rotated_and_revoked(owner: Visit, installation: Installation) -> None:
    name = f"shop-{secrets.token_hex(3)}"
    page = owner.go("#/keys")
    page.get_by_label("Name").fill("Not a name")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_text("A name is lower-case letters")).to_be_visible()
    page.get_by_label("Name").fill(name)
    page.get_by_label("May").select_option("decider")
    page.get_by_label("Reason").fill(HOSTILE)
    page.get_by_role("button", name="Make the key").click()
    first = page.get_by_label(f"Secret of {name}").input_value()
    assert installation.call("GET", "/v1/caller", Authorization=f"Bearer {first}").body["scopes"] == ["view", "decide"]
    assert not owner.serious()
    page.get_by_role("button", name="Hide it").click()
    expect(page.get_by_label(f"Secret of {name}")).to_have_count(0)
    shown = page.locator(".keys > li", has_text=name)
    expect(shown).to_contain_text("active")
    expect(page.locator(".changes").get_by_text(HOSTILE)).to_be_visible()

    page.get_by_role("button", name=f"Rotate {name}").click()
    page.get_by_label("goes on to open for").select_option("0")
    page.get_by_role("button", name="Make a new secret").click()
    second = page.get_by_label(f"Secret of {name}").input_value()
    assert installation.call("GET", "/v1/caller", Authorization=f"Bearer {first}").status == 401
    assert installation.call("GET", "/v1/caller", Authorization=f"Bearer {second}").status == 200

    page.get_by_role("button", name=f"Revoke {name}").click()
    page.get_by_label("Reason, kept in the record").fill("The shop has closed")
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(shown).to_contain_text("revoked")
    assert shown.get_by_role("button").count() == 0
    expect(page.get_by_text("The shop has closed")).to_be_visible()
    assert installation.call("GET", "/v1/caller", Authorization=f"Bearer {second}").status == 401
    assert not page.evaluate("window.hurt")
    assert not owner.serious()


def test_keys_are_listed_by_page_and_a_failure_is_said(owner: Visit, installation: Installation) -> None:
    for number in range(22):
        order = {"name": f"many-{secrets.token_hex(3)}-{number}", "role": "viewer"}
        assert installation.call("POST", "/v1/keys", order).status == 201
    page = owner.go("#/keys")
    expect(page.locator(".keys > li")).to_have_count(20)
    page.locator("section", has_text="Keys, newest first").get_by_role("button", name="Show more").click()
    expect(page.locator(".keys > li").nth(21)).to_be_visible()
    page.route("**/v1/keys?limit=20", lambda route: route.abort())
    owner.go("#/operations")
    page.goto(f"{owner.address}/console/#/keys")
    expect(page.get_by_role("alert")).to_contain_text("The platform does not answer")
    page.unroute("**/v1/keys?limit=20")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".keys > li")).to_have_count(20)


def test_only_who_looks_after_all_tenants_makes_them(opened: Browser, owner: Visit, installation: Installation) -> None:
    assert owner.go("#/keys").get_by_role("button", name="Make the tenant").count() == 0
    tenant = f"tenant-{secrets.token_hex(3)}"
    with visit(opened, installation, installation.home.platform_key_file.read_text().strip()) as platform:
        page = platform.go("#/keys")
        page.get_by_label("A new tenant").fill(tenant)
        page.get_by_role("button", name="Make the tenant").click()
        expect(page.locator("main").get_by_text(f"There is a tenant {tenant}.")).to_be_visible()
        page.get_by_label("Name").fill("first")
        page.get_by_label("May").select_option("admin")
        page.get_by_label("Tenant", exact=True).fill(tenant)
        page.get_by_role("button", name="Make the key").click()
        key = page.get_by_label("Secret of first").input_value()
        assert not platform.serious()
        assert installation.call("GET", "/v1/caller", Authorization=f"Bearer {key}").body["tenant"] == tenant
        assert installation.call("GET", "/v1/tasks", Authorization=f"Bearer {key}").body["items"] == []
        page.get_by_label("The tenant to delete").fill(tenant)
        page.get_by_role("button", name="Delete all of it").click()
        page.get_by_label("Reason, kept in the record").fill("A test")
        page.get_by_role("button", name="Delete", exact=True).click()
        expect(page.locator("main").get_by_text(f"Nothing of {tenant} is left")).to_be_visible(timeout=60_000)
        assert not platform.serious()
    assert installation.call("GET", "/v1/caller", Authorization=f"Bearer {key}").status == 401


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issuer]:
    with issuing(tmp_path_factory.mktemp("issuer")) as made:
        yield made


@pytest.fixture(scope="module")
def signing_in(installation: Installation, issuer: Issuer) -> Iterator[int]:
    """A second gateway before the same services, which knows the issuer; its port."""
    ports = {service: int(installation.env[variable]) for service, (variable, _) in SERVICE_PORTS.items()}
    port = free_port()
    plan = services.all_services(installation.home, {**ports, "gateway": port}, Credentials.of(installation.home))
    gateway = next(service for service in plan if service.name == "gateway")
    env = {**installation.env, **gateway.environment}
    env.update(PLATFORM_OIDC_ISSUER=issuer.address, PLATFORM_OIDC_CLIENTID="console")
    command = gateway.command(installation.home, jdk.find())
    log = installation.home.log("gateway-of-the-issuer")
    with log.open("ab") as output, subprocess.Popen(command, env=env, stdout=output, stderr=output) as process:
        try:
            deadline = time.monotonic() + 240
            while not services.is_ready(port):
                assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-2000:]
                time.sleep(0.5)
            yield port
        finally:
            process.terminate()


def test_people_sign_in_at_the_issuer_and_a_foreign_sign_in_is_refused(
    opened: Browser, installation: Installation, issuer: Issuer, signing_in: int
) -> None:
    with visit(opened, installation, None, port=signing_in, issuer=issuer.address) as guest:
        page = guest.page
        page.goto(f"{guest.address}/console/#/tasks/pursuit/decisions")
        assert not guest.serious()
        page.get_by_role("button", name="Sign in at 127.0.0.1").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Decisions")
        assert page.evaluate("location.search") == ""
        page.get_by_text("user:ada", exact=True).first.click()
        assert page.get_by_role("link", name="Live").count() == 1
        assert page.get_by_role("link", name="Keys").count() == 0
        page.get_by_role("button", name="Sign out").click()
        assert "eyJ" not in page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")

        issuer.refuses = True
        page.get_by_role("button", name="Sign in at 127.0.0.1").click()
        expect(page.get_by_role("alert")).to_contain_text("The sign-in was refused.")
        issuer.refuses = False

        # A code that somebody else brought here is not even tried.
        page.goto(f"{guest.address}/console/?code=stolen&state=theirs")
        expect(page.get_by_role("alert")).to_contain_text("This sign-in was not begun here")
        assert page.evaluate("location.search") == ""

        issuer.roles = ["gardener"]
        page.get_by_role("button", name="Sign in at 127.0.0.1").click()
        expect(page.get_by_role("alert")).to_contain_text("names no role of this platform")
        issuer.roles = ["decider"]


def test_without_an_issuer_the_page_may_ask_no_other_origin(owner: Visit) -> None:
    page = owner.go("#/operations")
    assert page.get_by_role("button", name="Sign in at").count() == 0
    refused = page.evaluate("fetch('http://127.0.0.1:1/').then(() => 'sent', () => 'refused')")
    assert refused == "refused"
    assert any("Content Security Policy" in fault for fault in owner.faults)
    owner.faults.clear()


def test_a_failure_is_said_and_can_be_tried_again(owner: Visit) -> None:
    page = owner.page
    page.route("**/v1/evaluations*", lambda route: route.abort())
    owner.page.goto(f"{owner.address}/console/#/distillation")
    expect(page.get_by_role("alert")).to_contain_text("The platform does not answer")
    page.unroute("**/v1/evaluations*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".students").first).to_be_visible()
    owner.page.goto(f"{owner.address}/console/#/tasks/pursuit/decisions/0193a0c0-7c11-7b52-9d0a-3c1f7d1b0a12")
    expect(page.get_by_role("alert")).to_be_visible()
    page.goto(f"{owner.address}/console/#/nowhere")
    expect(page.get_by_text("There is no such page.")).to_be_visible()


def test_the_theme_follows_the_system_until_it_is_chosen(owner: Visit) -> None:
    page = owner.go("#/operations")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(ground)
    assert light != dark
    page.get_by_role("button", name="Light theme").click()
    assert page.evaluate(ground) == light
    page.reload()
    owner.settle()
    assert page.evaluate(ground) == light


def test_the_keyboard_reaches_the_content_first(owner: Visit) -> None:
    page = owner.go("#/operations")
    page.reload()
    owner.settle()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
