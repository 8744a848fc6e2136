"""A partner app beside `relais agent`, with Python's standard library alone.

The agent holds the keys and does the cryptography; this file speaks JSON to it over its unix socket.

    python3 agent_client.py FOLDER status
    python3 agent_client.py FOLDER join            the invitation code is typed
    python3 agent_client.py FOLDER services
    python3 agent_client.py FOLDER refer           a draft as JSON on standard input
    python3 agent_client.py FOLDER send DRAFT
    python3 agent_client.py FOLDER inbox | outbox
    python3 agent_client.py FOLDER open REFERRAL
    python3 agent_client.py FOLDER act REFERRAL accept | start | …
    python3 agent_client.py FOLDER messages REFERRAL
    python3 agent_client.py FOLDER write REFERRAL TEXT
    python3 agent_client.py FOLDER withdraw REFERRAL

FOLDER is the agent's state folder: its token and its socket are in there.
"""

import base64
import http.client
import json
import socket
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlencode


class Refused(Exception):
    """The agent, or the network's server behind it, said no: `code` says why (RFC 9457)."""

    def __init__(self, status, problem):
        self.status = status
        self.code = problem.get("type", "").removeprefix("/problems/")
        self.check = problem.get("check")
        super().__init__(f"{self.code} ({status}){': ' + self.check if self.check else ''}")


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Agent:
    """One function for each thing that an app does. Every answer is what the agent's JSON says."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def status(self):
        return self._ask("GET", "/status")

    def join(self, code):
        """Asks with an invitation code; then wait until `status()["state"]` is `ready`."""
        return self._ask("POST", "/join", {"code": code})

    def services(self):
        return self._ask("GET", "/services")["items"]

    def search(self, **wanted):
        """`term="shelter"`, `language="nl"`, `near="1000"`, `free=True`, … What is searched is kept nowhere."""
        return self._ask("POST", "/services/search", wanted)["items"]

    def hold(self, service):
        """Holds a place for a day, before any consent; `end_hold` with its token gives it back."""
        return self._ask("POST", f"/services/{quote(service)}/holds")

    def end_hold(self, token):
        return self._ask("POST", "/holds/end", {"token": token})

    def notice(self, language):
        """The words to read out before the person decides."""
        return self._ask("GET", f"/notices/{quote(language)}")["text"]

    def seal(self, draft):
        """Seals, and gives the receipt code: show it to the person at once, and keep it nowhere."""
        return self._ask("POST", "/drafts", draft)

    def drafts(self):
        return self._ask("GET", "/drafts")["items"]

    def send(self, draft, patience=30):
        """Sends the sealed bytes. After any fault, call it again: nothing is ever sent twice."""
        until = time.monotonic() + patience
        while True:
            try:
                return self._ask("POST", f"/drafts/{quote(draft)}/send")
            except (OSError, Refused) as error:
                passing = not isinstance(error, Refused) or error.status == 503
                if not passing or time.monotonic() > until:
                    raise
                time.sleep(1)

    def delete(self, draft):
        return self._ask("DELETE", f"/drafts/{quote(draft)}")

    def referrals(self, box, state="open"):
        """Every referral of a box (`inbox`, `outbox`), page after page."""
        query = {"box": box, "state": state}
        while True:
            page = self._ask("GET", f"/referrals?{urlencode(query)}")
            yield from page["items"]
            if "next" not in page:
                return
            query["after"] = page["next"]

    def referral(self, referral):
        return self._ask("GET", f"/referrals/{quote(referral)}")

    def open(self, referral):
        """Acknowledges (signed, and in the log) where that is still to be done, checks everything, opens."""
        return self._ask("POST", f"/referrals/{quote(referral)}/open")

    def act(self, referral, event, **more):
        """`accept`, `start`, `complete` with `outcome=…`, `decline` with `statusReason=…`, and so on."""
        return self._ask("POST", f"/referrals/{quote(referral)}/transitions", {"event": event, **more})

    def messages(self, referral):
        return self._ask("GET", f"/referrals/{quote(referral)}/messages")["items"]

    def write(self, referral, text):
        """To the other service and the person. The sender's message ends a `request-info`."""
        return self._ask("POST", f"/referrals/{quote(referral)}/messages", {"text": text})

    def attachment(self, referral, attachment):
        """Media type and bytes of a file that an opened record names."""
        file = self._ask("GET", f"/referrals/{quote(referral)}/attachments/{quote(attachment)}")
        return file["type"], base64.urlsafe_b64decode(file["content"] + "==")

    def events(self, service, after=None, wait=25):
        """One page of what has happened; keep its `next`, and ask with it again."""
        query = {"service": service, "wait": wait, **({"after": after} if after else {})}
        return self._ask("GET", f"/events?{urlencode(query)}")

    def withdraw(self, referral):
        """Takes the consent back because the person says so. Never refused because of the state."""
        return self._ask("POST", f"/referrals/{quote(referral)}/withdrawal")

    def _ask(self, method, path, body=None):
        token = (self.folder / "token").read_text().strip()
        headers = {"authorization": f"Bearer {token}"}
        if body is not None:
            headers["content-type"] = "application/json"
        connection = _OverSocket(self.folder / "agent.sock")
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        said = json.loads(text) if text else None
        if answer.status >= 400:
            raise Refused(answer.status, said or {})
        return said


def main(folder, verb, *arguments):
    agent = Agent(folder)
    verbs = {
        "status": agent.status,
        "join": lambda: agent.join(sys.stdin.readline().strip()),
        "services": agent.services,
        "notice": agent.notice,
        "refer": lambda: agent.seal(json.load(sys.stdin)),
        "drafts": agent.drafts,
        "send": agent.send,
        "delete": agent.delete,
        "inbox": lambda: list(agent.referrals("inbox")),
        "outbox": lambda: list(agent.referrals("outbox")),
        "show": agent.referral,
        "open": agent.open,
        "act": agent.act,
        "messages": agent.messages,
        "write": agent.write,
        "withdraw": agent.withdraw,
    }
    print(json.dumps(verbs[verb](*arguments), ensure_ascii=False, indent=2))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except Refused as refused:
        sys.exit(f"refused: {refused}")
