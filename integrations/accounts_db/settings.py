"""Settings of the account desk, from ``[integration.accounts_db]``."""

from pydantic import Field

from voicegw.actions.sql import SqlSettings


class AccountsSettings(SqlSettings):
    """How strictly callers are identified."""

    code_minutes: float = Field(5.0, gt=0, le=60, description="How long a one-time code is good.")
    proof_minutes: float = Field(10.0, gt=0, le=60, description="How long a caller stays identified.")
    most_codes: int = Field(3, ge=1, le=20, description="Codes sent to one account within the lock time.")
    most_failures: int = Field(4, ge=1, le=20, description="Different wrong answers that lock an account.")
    lock_minutes: float = Field(30.0, gt=0, description="How long it stays locked, and how long failures count.")
