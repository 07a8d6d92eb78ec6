"""`guichet bench`: how fast is it on this machine, beside what the machine can do at the same minute?"""

import typer

from libs.operate.commands.bench.route import route

app = typer.Typer(help="How fast it is here, each time beside a floor measured in the same run.", no_args_is_help=True)
app.callback()(lambda: None)  # without this, Typer would make a single command the whole program
app.command("route")(route)
