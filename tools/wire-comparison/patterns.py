"""Texts that a pattern takes, as far as it is a simple one."""

import re
import string

try:
    from re import _parser as parser
except ImportError:  # before Python 3.11
    import sre_parse as parser

CANDIDATES = string.ascii_lowercase + string.digits + string.ascii_uppercase + "-_./:@# "
CATEGORIES = {parser.CATEGORY_DIGIT: "5", parser.CATEGORY_WORD: "w", parser.CATEGORY_SPACE: " ",
              parser.CATEGORY_NOT_DIGIT: "d", parser.CATEGORY_NOT_WORD: "-", parser.CATEGORY_NOT_SPACE: "s"}


def text_for(pattern, shortest=0, longest=None):
    """A text that the pattern takes; nothing if none is found."""
    try:
        parsed = parser.parse(pattern)
        for count in (1, 0, shortest, 3):
            text = made(parsed, count)
            if re.search(pattern, text) and shortest <= len(text) and (longest is None or len(text) <= longest):
                return text
    except (re.error, ValueError, RecursionError, OverflowError):
        pass
    return None


def made(parsed, count):
    return "".join(one(kind, value, count) for kind, value in parsed)


def one(kind, value, count):
    if kind == parser.LITERAL:
        return chr(value)
    if kind == parser.NOT_LITERAL:
        return "b" if value == ord("a") else "a"
    if kind == parser.ANY:
        return "x"
    if kind == parser.IN:
        return member(value)
    if kind in (parser.MAX_REPEAT, parser.MIN_REPEAT):
        least, most, inner = value
        return made(inner, count) * min(max(least, count), most)
    if kind == parser.SUBPATTERN:
        return made(value[3], count)
    if kind == parser.BRANCH:
        return made(value[1][0], count)
    if kind == parser.AT:
        return ""
    raise ValueError(f"{kind} is not made")


def member(items):
    if items[0][0] == parser.NEGATE:
        return next(it for it in CANDIDATES if not any(has(item, it) for item in items[1:]))
    kind, value = items[0]
    if kind == parser.LITERAL:
        return chr(value)
    return chr(value[0]) if kind == parser.RANGE else CATEGORIES[value]


def has(item, character):
    kind, value = item
    if kind == parser.LITERAL:
        return ord(character) == value
    if kind == parser.RANGE:
        return value[0] <= ord(character) <= value[1]
    classes = {parser.CATEGORY_DIGIT: r"\d", parser.CATEGORY_WORD: r"\w", parser.CATEGORY_SPACE: r"\s",
               parser.CATEGORY_NOT_DIGIT: r"\D", parser.CATEGORY_NOT_WORD: r"\W", parser.CATEGORY_NOT_SPACE: r"\S"}
    return bool(re.match(classes[value], character))
