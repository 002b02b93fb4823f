"""Random passwords of the loop's parts, in files that only their owner reads."""
import os
import secrets
import subprocess

# `medic` is what the parts call each other with, `operator` is the person at the keyboard.
USERS = ("medic", "operator")
# bcrypt's cost guards guessable passwords. These hold 192 random bits, and a scrape or a webhook
# should not pay for guessing that cannot succeed.
BCRYPT_ROUNDS = 5


class Credentials:
    """One password a user, kept over restarts of the same state."""

    def __init__(self, layout):
        self.folder = layout.secrets
        self.web_config = layout.conf / "web.yml"  # Prometheus' own format; for all four servers

    def password_file(self, user):
        return self.folder / f"{user}.password"

    def password(self, user):
        path = self.password_file(user)
        if not path.exists():
            write_secret(path, secrets.token_urlsafe(24))
        return path.read_text(encoding="ascii")

    def write(self):
        lines = "".join(f"  {user}: '{bcrypt(self.password(user))}'\n" for user in USERS)
        write_secret(self.web_config, f"basic_auth_users:\n{lines}")


def write_secret(path, text):
    """Never readable by others, not even while it is written."""
    temporary = path.with_name(path.name + ".new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
    temporary.replace(path)


def bcrypt(password):
    """By Debian's mkpasswd; the password goes over stdin, not the command line."""
    answer = subprocess.run(["mkpasswd", "--method=bcrypt", f"--rounds={BCRYPT_ROUNDS}", "--stdin"],
                            input=password, capture_output=True, text=True, check=True)
    return answer.stdout.strip()
