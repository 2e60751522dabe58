"""The cluster from TF_CONFIG or flags, and the rendezvous of its workers."""

from __future__ import annotations

import json
import os
import re
import socket
import threading

import pytest

from dcgan.distributed.cluster import Cluster, read_cluster, set_cluster
from dcgan.distributed.rendezvous import list_hosts_without_proxy, make_greeting, wait_for_workers
from dcgan.errors import ConfigError, DCGANError, WorkerError
from tests.ports import find_free_addresses

TWO_ADDRESSES = ["10.0.0.1:2222", "10.0.0.2:2222"]


def make_tf_config(cluster: object, kind: object = "worker", index: object = 0) -> dict[str, str]:
    """Return an environment whose TF_CONFIG names a cluster and one of its tasks."""
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})}


@pytest.mark.parametrize(
    ("cluster", "task", "expected"),
    [
        ({"worker": TWO_ADDRESSES}, ("worker", 1), Cluster(tuple(TWO_ADDRESSES), 1)),
        ({"worker": TWO_ADDRESSES}, ("worker", 0), Cluster(tuple(TWO_ADDRESSES), 0)),
        # As Kubernetes' operators and Vertex name them: the chief is a separate job.
        (
            {"chief": TWO_ADDRESSES[:1], "worker": TWO_ADDRESSES[1:]},
            ("chief", 0),
            Cluster(tuple(TWO_ADDRESSES), 0, True),
        ),
        (
            {"chief": TWO_ADDRESSES[:1], "worker": TWO_ADDRESSES[1:]},
            ("worker", 0),
            Cluster(tuple(TWO_ADDRESSES), 1, True),
        ),
        ({"worker": ["host-a.test:80"]}, ("worker", 0), Cluster(("host-a.test:80",), 0)),
    ],
)
def test_the_cluster_is_read_from_tf_config(
    cluster: object, task: tuple[str, int], expected: Cluster
) -> None:
    found = read_cluster(make_tf_config(cluster, *task))
    assert found == expected
    assert found.is_chief == (expected.index == 0)


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({}, "multi_worker needs to know the workers; give --workers"),
        ({"TF_CONFIG": "{"}, "TF_CONFIG: it is not JSON"),
        ({"TF_CONFIG": "[]"}, "it is not a JSON object"),
        ({"TF_CONFIG": "{}"}, 'it has no "cluster" or no "task"'),
        (make_tf_config({}), "TF_CONFIG: it names 0 workers"),
        (make_tf_config({"worker": "10.0.0.1:2222"}), "its worker is not a list"),
        (make_tf_config({"worker": ["10.0.0.1"]}), "'10.0.0.1' is not a host:port"),
        (make_tf_config({"worker": ["10.0.0.1:99999"]}), "'10.0.0.1:99999' is not a host:port"),
        (make_tf_config({"worker": [7]}), "7 is not a host:port"),
        (make_tf_config({"worker": TWO_ADDRESSES[:1] * 2}), "two workers have the same address"),
        (make_tf_config({"worker": TWO_ADDRESSES}, "ps"), "its task is 'ps' 0"),
        (make_tf_config({"worker": ["[::1]:80"]}), "'[::1]:80' is not a host:port"),
        (make_tf_config({"worker": TWO_ADDRESSES}, []), "its task is [] 0"),
        (make_tf_config({"worker": TWO_ADDRESSES}, "worker", "1"), "its task is 'worker' '1'"),
        (make_tf_config({"worker": TWO_ADDRESSES}, "worker", True), "its task is 'worker' True"),
        (
            make_tf_config({"worker": TWO_ADDRESSES}, "worker", 2),
            "its task is worker 2, which the cluster",
        ),
        (
            make_tf_config({"worker": TWO_ADDRESSES}, "worker", -1),
            "its task is worker -1, which the cluster",
        ),
    ],
)
def test_an_invalid_cluster_is_refused_with_the_reason(
    environment: dict[str, str], reason: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(reason)):
        read_cluster(environment)


@pytest.mark.parametrize(
    ("workers", "index", "reason"),
    [
        ("", 0, "--workers: got none"),
        ("a:1,b:2", 2, "--worker-index: got 2; expected 0 to 1"),
        ("a:1,a:1", 0, "--workers: two workers have the same address"),
        ("a:1,b", 0, "--workers: 'b' is not a host:port"),
    ],
)
def test_wrong_flags_are_refused_with_the_reason(workers: str, index: int, reason: str) -> None:
    before = dict(os.environ)
    with pytest.raises(ConfigError, match=re.escape(reason)):
        set_cluster(workers, index)
    assert dict(os.environ) == before


def test_flags_set_the_same_cluster_as_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", "to be replaced")
    set_cluster(" 10.0.0.1:2222, 10.0.0.2:2222 ", 1)
    assert read_cluster() == Cluster(tuple(TWO_ADDRESSES), 1)


def collect_errors(clusters: list[Cluster], seconds: float) -> list[DCGANError | None]:
    """Run the rendezvous of workers, each in a thread; return the error of each, or None."""
    found: list[DCGANError | None] = [None] * len(clusters)

    def wait(index: int) -> None:
        try:
            wait_for_workers(clusters[index], seconds)
        except DCGANError as error:
            found[index] = error

    threads = [threading.Thread(target=wait, args=(index,)) for index in range(len(clusters))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_workers_that_are_all_there_continue() -> None:
    addresses = find_free_addresses(3)
    assert collect_errors([Cluster(addresses, index) for index in range(3)], 60.0) == [None] * 3
    wait_for_workers(Cluster(find_free_addresses(1), 0), 0.0)  # A single worker does not wait.


def test_a_missing_worker_is_named_by_all() -> None:
    addresses = find_free_addresses(3)
    found = collect_errors([Cluster(addresses, index) for index in (0, 2)], 2.0)
    for error in found:
        assert isinstance(error, WorkerError)
        assert str(error).startswith(
            f"Of 3 workers worker 1 ({addresses[1]}) did not connect within 2 "
        )


def test_a_missing_chief_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = find_free_addresses(2)
    monkeypatch.setattr("dcgan.distributed.rendezvous._GRACE_SECONDS", 0.0)
    with pytest.raises(
        WorkerError, match=re.escape(f"the chief ({addresses[0]}) could not be reached")
    ):
        wait_for_workers(Cluster(addresses, 1), 0.5)


def test_workers_with_another_list_are_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = find_free_addresses(2)
    monkeypatch.setattr("dcgan.distributed.rendezvous._GRACE_SECONDS", 0.0)
    other = Cluster((*addresses, "127.0.0.1:1"), 1)
    first, second = collect_errors([Cluster(addresses, 0), other], 1.0)
    assert f"worker 1 ({addresses[1]}) did not connect" in str(first)
    assert f"the chief ({addresses[0]}) could not be reached" in str(second)


def test_a_worker_index_that_is_given_twice_is_reported() -> None:
    addresses = find_free_addresses(2)
    with (
        socket.create_server(("", int(addresses[0].rpartition(":")[2]))),
        pytest.raises(ConfigError, match=r"cannot listen there .*started with the same index"),
    ):
        wait_for_workers(Cluster(addresses, 0), 1.0)


@pytest.mark.parametrize(
    "visit",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n" * 10,
        b"greeting",
        b"greeting\x00\x00",
        b"greeting\x03\xe7",
        b"greeting\xff\xff",
    ],
)
def test_other_connections_to_the_chiefs_port_are_not_workers(visit: bytes) -> None:
    addresses = find_free_addresses(3)
    chief = Cluster(addresses, 0)
    stop = threading.Event()

    def knock() -> None:
        host, _, port = addresses[0].rpartition(":")
        while not stop.is_set():
            try:
                with socket.create_connection((host, int(port)), 1.0) as line:
                    line.sendall(visit.replace(b"greeting", make_greeting(chief)))
            except OSError:
                continue

    visitor = threading.Thread(target=knock)
    visitor.start()
    try:
        error = collect_errors([chief, Cluster(addresses, 2)], 1.5)[0]
        assert isinstance(error, WorkerError)
        assert f"worker 1 ({addresses[1]}) did not connect" in str(error)
        assert collect_errors([Cluster(addresses, index) for index in range(3)], 60.0) == [None] * 3
    finally:
        stop.set()
        visitor.join()


def test_a_worker_that_cannot_be_reached_is_named_by_all(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = find_free_addresses(2)
    monkeypatch.setattr("dcgan.distributed.rendezvous._can_reach", lambda cluster, index: False)
    for error in collect_errors([Cluster(addresses, index) for index in range(2)], 1.5):
        assert f"worker 1 ({addresses[1]}) cannot be reached from the chief" in str(error)


@pytest.mark.parametrize("text", ["2m", "nan", "inf", "0", "-1"])
def test_an_invalid_timeout_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DCGAN_STUDIO_WORKER_SECONDS", text)
    with pytest.raises(ConfigError, match=f"got '{re.escape(text)}'; expected seconds"):
        wait_for_workers(Cluster(find_free_addresses(2), 0))


def test_workers_reach_each_other_without_a_proxy() -> None:
    cluster = Cluster(("10.0.0.1:2222", "10.0.0.1:2223", "[::1]:2222"), 0)
    assert list_hosts_without_proxy(cluster, {}) == "10.0.0.1,::1"
    theirs = {"no_proxy": "example.org,10.0.0.1", "http_proxy": "http://10.0.0.9:3128"}
    assert list_hosts_without_proxy(cluster, theirs) == "example.org,10.0.0.1,::1"
    theirs["no_grpc_proxy"] = "example.com"
    assert list_hosts_without_proxy(cluster, theirs) == "example.com,10.0.0.1,::1"
