"""voicegw answers the phone: SIP in, speech understood, actions done, speech out."""

__version__ = "0.1.0"
