"""The bounded cache that evicts the least recently used entries."""

from __future__ import annotations

from dashboard.process.lru_cache import LRUCache


def test_the_least_recently_used_entry_is_evicted() -> None:
    cache: LRUCache[str, int] = LRUCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1  # Now "b" is the least recently used.
    cache.put("c", 3)
    assert list(cache) == ["a", "c"]
    assert cache.get("b") is None
    assert len(cache) == 2


def test_a_replaced_value_counts_as_used() -> None:
    cache: LRUCache[str, int] = LRUCache(2)
    cache.put("a", 1)
    cache.put("b", 2)
    cache.put("a", 10)
    cache.put("c", 3)
    assert list(cache) == ["a", "c"]
    assert cache.get("a") == 10


def test_setdefault_keeps_the_first_value_and_counts_as_a_use() -> None:
    cache: LRUCache[str, int] = LRUCache(2)
    assert cache.setdefault("a", 1) == 1
    assert cache.setdefault("b", 2) == 2
    assert cache.setdefault("a", 10) == 1
    assert cache.setdefault("c", 3) == 3
    assert list(cache) == ["a", "c"]


def test_sizes_are_bounded_in_total_and_a_value_that_is_too_large_is_not_kept() -> None:
    cache: LRUCache[str, bytes] = LRUCache(10, len)
    cache.put("a", b"1234")
    cache.put("b", b"123456")
    assert list(cache) == ["a", "b"]  # Exactly 10 bytes.
    cache.put("c", b"12345")
    assert list(cache) == ["c"]  # With "b" it would be 11.
    cache.put("d", b"12345678901")
    assert list(cache) == ["c"]
    assert cache.setdefault("d", b"12345678901") == b"12345678901"
    assert list(cache) == ["c"]
    cache.put("c", b"12345678901")
    assert list(cache) == []
