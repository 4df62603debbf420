"""The client under its name of before: `neurond`, whose parts are found there, has it. For one release."""

from neurond import *  # noqa: F403  # all that it gives
