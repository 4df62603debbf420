"""Greetings are answers without a question: `/v1/greeting`."""

from flask import Blueprint, Response

from api.openapi import Answer, operation

blueprint = Blueprint("greeting", __name__, url_prefix="/v1/greeting")


@blueprint.get("")
@operation(access="read", answers={200: Answer("A word.", media={"text/plain": {"type": "string"}})})
def get_greeting() -> Response:
    """Greet."""
    return Response("hello", content_type="text/plain")
