"""The description of the API. A view states its operation with the decorator `operation`, right above it:

    @blueprint.get("/<job_id>")
    @operation(answers={200: Answer("The job.", Job, etag=True)})
    def get_job(job_id: str) -> Response:
        \"\"\"One job, under an ETag that changes with its record.\"\"\"

The first line of the docstring is the summary, the rest the description; the view's name is the operation's, verb and
noun; the tag is the blueprint, a noun that the first line of its module describes; a new part of a path gets its line
in `IN_THE_PATH`. What every route may answer (401, 403, 404, 408, 413, 415, 422, 429, 500, 503) is added as far as it
applies; `errors` names what comes on top. `/openapi.json` is made from this, and the app enforces it: the size of the
body, and which keys may ask. The shapes are in `api.schemas`.
"""

from api.openapi.document import document
from api.openapi.operation import BINARY, Access, Answer, Body, Operation, operation, operation_of

__all__ = ["BINARY", "Access", "Answer", "Body", "Operation", "document", "operation", "operation_of"]
