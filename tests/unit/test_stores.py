"""What sessions share stays bounded."""

import gc
from threading import Thread

from vit_viz.ui.stores import Store, device_lock
from vit_viz.ui.view import kept


def test_store_drops_the_least_recently_used():
    store = Store(10, len)
    store.put("a", "xxxx")
    store.put("b", "xxxx")
    assert store.get("a") == "xxxx"
    store.put("c", "xxxx")
    assert store.get("b") is None
    assert store.get("a") == store.get("c") == "xxxx"


def test_store_keeps_a_newest_value_that_is_too_large():
    store = Store(10, len)
    store.put("small", "x")
    store.put("large", "x" * 50)
    assert store.get("small") is None
    assert store.get("large") is not None


class Value:
    """What can be referred to weakly, as models and traces can."""


def test_store_finds_what_it_dropped_while_it_is_held():
    store, held = Store(1, lambda value: 1, finds_held=True), Value()
    store.put("held", held)
    store.put("let go", Value())
    store.put("newest", Value())
    gc.collect()
    assert store.get("held") is held
    assert store.get("let go") is None
    del held
    gc.collect()
    assert store.get("held") is None


def test_what_is_kept_is_made_once_in_turn():
    store, made = Store(10, lambda value: 1), []

    def make() -> str:
        made.append(device_lock().locked())
        return "value"

    assert kept(store, "a", make) == kept(store, "a", make) == "value"
    assert made == [True]
    assert not device_lock().locked()


def test_what_another_session_made_meanwhile_is_not_made_again():
    store, made = Store(10, lambda value: 1), []
    device_lock().acquire()
    waiting = Thread(target=lambda: kept(store, "a", lambda: made.append(1)))
    waiting.start()
    store.put("a", "theirs")
    device_lock().release()
    waiting.join()
    assert (made, store.get("a")) == ([], "theirs")
