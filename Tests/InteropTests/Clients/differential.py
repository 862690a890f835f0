"""Reads the inputs of a topic as Python's libraries do, for DifferentialTests.

usage: differential.py TOPIC JSON-AS-HEX     (prints the results as JSON)
"""

import email.utils
import http.cookiejar
import json
import sys
import urllib.parse

import werkzeug.datastructures
import werkzeug.http


def query(text):
    """The items of a query: names and values."""
    return urllib.parse.parse_qsl(text, keep_blank_values=True, errors="replace")


def accept(case):
    """The qualities of offered media types, in thousandths."""
    header, offers = case
    accepted = werkzeug.http.parse_accept_header(header, werkzeug.datastructures.MIMEAccept)
    return [round(accepted.quality(offer) * 1000) for offer in offers]


def byte_range(text):
    """The ranges, each with its first position and the one after its last; null for an invalid header."""
    ranges = werkzeug.http.parse_range_header(text)
    return ranges and ranges.ranges


def date(text):
    """The seconds since 1970; null for a text that is not a date."""
    seconds = http.cookiejar.http2time(text)
    if seconds is None:
        # It does not know the form of asctime, which has no time zone.
        parts = email.utils.parsedate_tz(text)
        seconds = email.utils.mktime_tz(parts[:9] + (0,)) if parts else None
    return None if seconds is None else int(seconds)


def date_format(seconds):
    """The date as a header contains it."""
    return email.utils.formatdate(seconds, usegmt=True)


def reject_constant(name):
    raise ValueError(name)


def json_fault(digits):
    """The offset in bytes of the first fault; null for a valid text, -1 without a position."""
    try:
        text = bytes.fromhex(digits).decode("utf-8")
        json.loads(text, parse_constant=reject_constant)
    except json.JSONDecodeError as error:
        return len(text[: error.pos].encode("utf-8"))
    except (ValueError, RecursionError):
        return -1
    return None


TOPICS = {
    "query": query,
    "accept": accept,
    "range": byte_range,
    "date": date,
    "date-format": date_format,
    "json": json_fault,
}

topic = TOPICS[sys.argv[1]]
print(json.dumps([topic(case) for case in json.loads(bytes.fromhex(sys.argv[2]))]))
