"""`guichet directory`: who owns what, for the people who keep it. Each command is in a file of its own."""

import typer

from libs.operate.commands.directory.beginning import new
from libs.operate.commands.directory.boundaries import boundaries
from libs.operate.commands.directory.check import check
from libs.operate.commands.directory.diff import diff
from libs.operate.commands.directory.importing import import_
from libs.operate.commands.directory.learning import evaluate, train
from libs.operate.commands.directory.listing import list_
from libs.operate.commands.directory.publish import publish
from libs.operate.commands.directory.what_if import what_if
from libs.operate.commands.directory.withdraw import withdraw

app = typer.Typer(help="Who owns what: check, compare, import and publish territory packs.", no_args_is_help=True)
for name, command in (
    ("check", check),
    ("diff", diff),
    ("what-if", what_if),
    ("publish", publish),
    ("withdraw", withdraw),
    ("list", list_),
    ("boundaries", boundaries),
    ("new", new),
    ("import", import_),
    ("train", train),
    ("evaluate", evaluate),
):
    app.command(name)(command)
