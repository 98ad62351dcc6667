# shellcheck shell=bash
# Nothing but what all labs have.
