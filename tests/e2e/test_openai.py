"""The `openai` package, as it is, reads our list of models."""

import pytest

from api.local.stack import Stack
from neurond import Client
from tests.support.clock import wait_until
from tests.support.needs import module

pytestmark = pytest.mark.peers

SHORT = {"dataset": "mnist", "model": {"hidden_layers": [4]}, "training": {"epochs": 1, "batch_size": 1024}}


def test_the_openai_client_pages_through_our_models(stack: Stack, client: Client) -> None:
    openai = module("openai")
    jobs = [client.submit(SHORT)["id"] for _ in range(5)]
    wait_until(lambda: all(client.job(job)["status"] == "succeeded" for job in jobs), 60)
    made = [client.job(job)["model_id"] for job in jobs]

    with openai.OpenAI(base_url=f"{stack.url}/v1", api_key="none") as theirs:
        every = [model.id for model in theirs.models.list()]
        one = theirs.models.retrieve(made[0])
        paged, more = [], True
        while more:
            after = {"after": paged[-1]} if paged else {}
            page = theirs.models.list(extra_query={"limit": 2, **after})
            paged += [model.id for model in page]
            more = page.has_more

    assert every == paged == made[::-1]
    assert (one.object, one.owned_by) == ("model", "neurond")
    assert abs(one.created - client.model(made[0])["created"]) == 0
