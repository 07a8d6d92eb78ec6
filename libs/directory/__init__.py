"""Who owns what, as data: packs of plain files become releases, and a release answers. See README.md."""

from libs.directory.asked import question_of, where_of
from libs.directory.classifier import Guess
from libs.directory.clues import Where
from libs.directory.compare import Change, differences
from libs.directory.compile import Compiled, compile_pack
from libs.directory.decide import Question, decide, decide_many
from libs.directory.decision import Candidate, Decision, Party, Reason
from libs.directory.findings import Finding
from libs.directory.located import Located
from libs.directory.model import Authority, Department, PostalCode, Service, Territory
from libs.directory.pack import Pack
from libs.directory.parse import parse_pack
from libs.directory.place import locate, locate_many
from libs.directory.places_said import place_in_words, point_in_words
from libs.directory.reading import Reading, Text, read, read_many, safety_of
from libs.directory.release import Release
from libs.directory.replies import replies_in_words

__all__ = [
    "Authority",
    "Candidate",
    "Change",
    "Compiled",
    "Decision",
    "Department",
    "Finding",
    "Guess",
    "Located",
    "Pack",
    "Party",
    "PostalCode",
    "Question",
    "Reading",
    "Reason",
    "Release",
    "Service",
    "Territory",
    "Text",
    "Where",
    "compile_pack",
    "decide",
    "decide_many",
    "differences",
    "locate",
    "locate_many",
    "parse_pack",
    "place_in_words",
    "point_in_words",
    "question_of",
    "read",
    "read_many",
    "replies_in_words",
    "safety_of",
    "where_of",
]
