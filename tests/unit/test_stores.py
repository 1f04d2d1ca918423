"""What sessions share stays bounded."""

from vit_viz.ui.stores import Store


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
