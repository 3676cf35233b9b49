"""What its developers run before a version ships.

In: trained runs. Out: published recipes trained again and compared, runs and maps made small enough to ship in assets/,
the sheet of sprites, and the tables in README and docs.
"""
