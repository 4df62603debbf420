import threading

import pytest
from redis import Redis

from worker.errors import InUseError, NotFoundError
from worker.store import Store, keys


def add_model(redis: Redis, model_id: str) -> str:
    redis.hset(keys.model(model_id), mapping={"id": model_id})
    redis.zadd(keys.MODELS, {model_id: redis.incr(keys.MODEL_SEQUENCE)})
    return model_id


def test_an_alias_stands_for_the_model_that_it_was_pointed_at_last(store: Store) -> None:
    old, new = (add_model(store.redis, name) for name in ("model_1", "model_2"))

    first, created = store.aliases.point("digits", old)
    second, again = store.aliases.point("digits", new)

    assert (created, again) == (True, False)
    assert (first.model_id, second.model_id) == (old, new)
    assert second.created_at == first.created_at
    assert second.updated_at >= first.updated_at
    assert second.revision > first.revision
    assert store.aliases.resolve("digits") == new


def test_an_id_stands_for_itself_and_a_name_that_nobody_gave_for_nothing(store: Store) -> None:
    assert store.aliases.resolve("model_whatever") == "model_whatever"
    with pytest.raises(NotFoundError, match="model or alias 'digits'"):
        store.aliases.resolve("digits")


def test_an_alias_cannot_stand_for_a_model_that_is_not_there(store: Store) -> None:
    with pytest.raises(NotFoundError, match="model_9"):
        store.aliases.point("digits", "model_9")
    with pytest.raises(NotFoundError):
        store.aliases.get("digits")


def test_a_deleted_alias_is_gone_and_made_again_it_is_another(store: Store) -> None:
    model = add_model(store.redis, "model_1")
    first, _ = store.aliases.point("digits", model)

    store.aliases.delete("digits")

    assert store.aliases.page(limit=5).data == []
    with pytest.raises(NotFoundError):
        store.aliases.delete("digits")
    second, created = store.aliases.point("digits", model)
    assert created
    assert second.revision != first.revision


def test_a_model_with_an_alias_is_not_deleted(store: Store) -> None:
    model = add_model(store.redis, "model_1")
    store.aliases.point("digits", model)

    with pytest.raises(InUseError, match="'digits'"):
        store.models.delete(model)
    assert store.models.exists(model)

    store.aliases.delete("digits")
    store.models.delete(model)
    assert not store.models.exists(model)
    assert store.redis.zcard(keys.MODELS) == 0
    with pytest.raises(NotFoundError):
        store.models.delete(model)


def test_who_asks_while_an_alias_is_switched_meets_one_model_or_the_other(server: Redis, settings: object) -> None:
    store = Store(server, settings)
    pair = [add_model(server, name) for name in ("model_1", "model_2")]
    store.aliases.point("digits", pair[0])
    seen, over = set(), threading.Event()

    def ask() -> None:
        while not over.is_set():
            seen.add(store.aliases.resolve("digits"))

    asking = threading.Thread(target=ask)
    asking.start()
    for turn in range(200):
        store.aliases.point("digits", pair[turn % 2])
    over.set()
    asking.join()

    assert seen == set(pair)
