"""`neurond jobs`, `watch` and `cancel`: what is trained."""

from collections.abc import Mapping
from typing import Any, get_args

import click
from rich.text import Text

from api.cli import names
from api.cli.calls import (
    UNAUTHORIZED,
    Refused,
    Unsuccessful,
    ago,
    calls_server,
    completes,
    json_option,
    make_console,
    print_json,
    print_table,
)
from api.cli.curves import COLOURS, Watching, describe_network, headline
from api.cli.score import baseline_cell, epochs_in_words, result_cell, result_in_words
from api.schemas.jobs import Status
from neurond import ApiError, Client, Job


@click.command()
@click.option("--status", type=click.Choice(get_args(Status)), help="Only those in this state.")
@click.option("--dataset", help="Only those on this data set, an ID or a name.", shell_complete=completes("datasets"))
@click.option("--search", "q", metavar="WORDS", help="Only those with these words in name, network or optimizer.")
@click.option(
    "--sort", metavar="FIELD", help="metrics.test_accuracy, duration, …; -metrics.test_accuracy: the greatest first."
)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=1), help="How many at most.")
@json_option
@calls_server
def jobs(client: Client, *, dataset: str | None, limit: int, as_json: bool, **filters: str | None) -> None:
    """List jobs, newest first; sorted by a figure, those that have succeeded and have it."""
    if dataset is not None:
        filters["dataset"] = names.dataset(client, dataset).id
    found = list(client.jobs(limit=limit, **filters))
    if as_json:
        print_json(found)
    elif not found:
        chosen = any(value is not None for value in filters.values())
        click.echo("No such jobs." if chosen else "No jobs. 'neurond train mnist' makes one.", err=True)
    else:
        columns = ("ID", "STATUS", "NAME", "DATA SET", "NETWORK", "EPOCH ", "RESULT", "BASELINE ", "SUBMITTED")
        called = names.dataset_names(client, (job.dataset for job in found))
        rows = [_row(job, called) for job in found]
        print_table(columns, rows, spare=("NETWORK", "EPOCH ", "DATA SET", "SUBMITTED", "BASELINE "))


def _row(job: Job, called: Mapping[str, str]) -> tuple[str | Text, ...]:
    return (
        job.id,
        Text(job.status, COLOURS[job.status]),
        job.name or "",
        called.get(job.dataset, job.dataset),
        describe_network(job.config["model"]),
        f"{job.progress.epoch}/{job.progress.epochs}",
        job.error.code if job.error else result_cell(job.metrics),
        baseline_cell(job.metrics),
        ago(job.created_at),
    )


@click.command()
@click.argument("job_id", metavar="JOB", shell_complete=completes("jobs"))
@json_option
@calls_server
def watch(client: Client, *, job_id: str, as_json: bool) -> None:
    """Follow a job, by its ID or its name, to its end; with --json, each of its events is a line.

    Exits with 0 when the job has succeeded, with 4 when it failed or was cancelled.
    """
    job_id = names.job(client, job_id).id
    if as_json:
        for event in client.stream(job_id):
            print_json(event)
        _exit_by(client.job(job_id))
        return
    end_with(watch_job(client, job_id), as_json=False)


def watch_job(client: Client, job_id: str, *, quiet: bool = False) -> Job:
    """Show a job until it ends; `quiet` says nothing. Ctrl-C leaves it at work."""
    try:
        if quiet:
            return client.job(job_id).wait()
        epochs: list[dict[str, Any]] = []
        seen: str | None = None
        console = make_console()
        job = client.job(job_id)
        learned = names.read_or_none(client.dataset, job.dataset)
        console.print(headline(job.model_dump(mode="json"), (learned and learned.name) or job.dataset))
        with Watching(console) as picture:
            for job in client.follow(job_id):
                for event in client.events(job_id, after=seen):
                    seen = event.id
                    if event.event == "epoch":  # one that a lost worker had begun comes again
                        epochs[event.data["epoch"] - 1 :] = [event.data]
                picture.show(job.model_dump(mode="json"), epochs)
    except KeyboardInterrupt:
        click.echo(
            f"\nThe job goes on: 'neurond watch {job_id}' shows it again, 'neurond cancel {job_id}' ends it.", err=True
        )
        raise
    return job


def end_with(job: Job, *, as_json: bool) -> None:
    """Say how a job ended, and exit by it."""
    if as_json:
        print_json(job)
    _exit_by(job)
    if not as_json:
        console = make_console()
        console.print(Text(f"{job.id} succeeded, ") + result_in_words(job.metrics), soft_wrap=True)
        if "best_epoch" in job.metrics:
            console.print(epochs_in_words(job.progress.model_dump(), job.metrics).capitalize(), soft_wrap=True)
        click.echo(f"Its model is {job.model_id}")


def _exit_by(job: Job) -> None:
    if job.status != "succeeded":
        why = f": {job.error.message}" if job.error else ""
        raise Unsuccessful(f"the job {job.id} {_ended(job.status)}{why}")


def _ended(status: str) -> str:
    return "was cancelled" if status == "cancelled" else status


@click.command()
@click.argument("job_ids", metavar="JOB…", nargs=-1, required=True, shell_complete=completes("jobs"))
@json_option
@calls_server
def cancel(client: Client, *, job_ids: tuple[str, ...], as_json: bool) -> None:
    """Ask for the end of one job or more, by ID or name; a job that has ended stays as it is."""
    asked: list[Job] = []
    refused: list[str] = []
    for job_id in job_ids:
        try:
            asked.append(client.cancel(names.job(client, job_id).id))
        except (ApiError, Refused) as error:
            if isinstance(error, ApiError) and error.status == UNAUTHORIZED:
                raise
            refused.append(str(error))
    if as_json:
        print_json(asked)
    else:
        for job in asked:
            click.echo(f"{job.id} {'ends at its next batch' if job.status == 'running' else _ended(job.status)}")
    if refused:
        raise Refused("; ".join(refused))
