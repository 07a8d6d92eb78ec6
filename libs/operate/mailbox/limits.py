"""How much does the mailbox take?"""

MAILS_MAX = 100_000  # Then the oldest are dropped. At 1.5 KB a mail that is 150 MB, and more than three long demos.
MAIL_BYTES_MAX = 1_000_000  # Announced as SMTP SIZE; a larger mail is refused with 552.
RECIPIENTS_MAX = 100  # RFC 5321 4.5.3.1.8 asks for at least this many.
BATCH_MAILS_MAX = 200  # One commit for all that came while the last one was written.
PAGE_MAILS_DEFAULT = 50
PAGE_MAILS_MAX = 1_000
HTTP_CONNECTIONS_MAX = 100
SMTP_IDLE_SECONDS = 60.0
STOP_SECONDS = 5
