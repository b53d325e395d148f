"""As much of kustomize as our manifests use, for tests where there is no kustomize; it refuses anything else.

Where kubectl or kustomize is there, a test compares the two.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

KNOWN = {
    "apiVersion", "kind", "namespace", "resources", "components", "labels", "images", "replicas", "patches",
    "configMapGenerator", "generatorOptions",
}  # fmt: skip
PODS = ("Deployment", "StatefulSet", "DaemonSet", "Job")
# Kinds without a namespace that kustomize knows; those of custom resources it does not know, and gives them one.
CLUSTER_WIDE = ("Namespace", "ClusterRole", "ClusterRoleBinding", "PersistentVolume", "StorageClass", "PriorityClass")


def build(folder: Path) -> list[Manifest]:
    """What `kustomize build` makes of a folder. :raises ValueError: for what this does not know"""
    return _accumulate(folder, [])


def _accumulate(folder: Path, before: list[Manifest]) -> list[Manifest]:
    described = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := set(described) - KNOWN:
        raise ValueError(f"{folder}: {sorted(unknown)} are not known here")
    found = list(before)
    for name in described.get("resources", []):
        place = folder / name
        found += build(place) if place.is_dir() else [m for m in yaml.safe_load_all(place.read_text()) if m]
    for name in described.get("components", []):
        found = _accumulate(folder / name, found)
    found = copy.deepcopy(found) + [_config_map(folder, one) for one in described.get("configMapGenerator", [])]
    for patch in described.get("patches", []):
        found = _patched(folder, patch, found)
    _set_namespace(found, described.get("namespace"))
    for label in described.get("labels", []):
        _label(found, label)
    for image in described.get("images", []):
        _tag(found, image)
    for replicas in described.get("replicas", []):
        for manifest in found:
            if manifest["kind"] in PODS and manifest["metadata"]["name"] == replicas["name"]:
                manifest["spec"]["replicas"] = replicas["count"]
    return found


def _config_map(folder: Path, described: dict[str, Any]) -> Manifest:
    metadata: dict[str, Any] = {"name": described["name"]}
    if labels := described.get("options", {}).get("labels"):
        metadata["labels"] = dict(labels)
    data = {Path(name).name: (folder / name).read_text() for name in described["files"]}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}


def _set_namespace(found: list[Manifest], namespace: str | None) -> None:
    for manifest in found:
        if namespace and manifest["kind"] not in CLUSTER_WIDE:
            manifest["metadata"]["namespace"] = namespace


def _label(found: list[Manifest], described: dict[str, Any]) -> None:
    if described.get("includeSelectors"):
        raise ValueError("labels in selectors can never be changed again")
    for manifest in found:
        places = [manifest["metadata"]]
        if described.get("includeTemplates") and manifest["kind"] in PODS:
            places.append(manifest["spec"]["template"].setdefault("metadata", {}))
        for place in places:
            place["labels"] = {**place.get("labels", {}), **described["pairs"]}


def _tag(found: list[Manifest], described: dict[str, Any]) -> None:
    for manifest in found:
        if manifest["kind"] in PODS:
            for container in manifest["spec"]["template"]["spec"]["containers"]:
                if container["image"].split(":")[0] == described["name"]:
                    container["image"] = f"{described['name']}:{described['newTag']}"


def _patched(folder: Path, patch: dict[str, Any], found: list[Manifest]) -> list[Manifest]:
    text = (folder / patch["path"]).read_text() if "path" in patch else patch["patch"]
    change = yaml.safe_load(text)
    if isinstance(change, list):
        target = patch["target"]
        meant = [
            m
            for m in found
            if m["kind"] == target["kind"] and re.fullmatch(target.get("name", ".*"), m["metadata"]["name"])
        ]
        for manifest in meant:
            for operation in change:
                _operate(manifest, operation)
    else:
        meant = [m for m in found if (m["kind"], m["metadata"]["name"]) == (change["kind"], change["metadata"]["name"])]
        for manifest in meant:
            merged = _merge(manifest, change)
            manifest.clear()
            manifest.update(merged)
    if not meant:
        raise ValueError(f"{folder}: a patch meets nothing: {patch}")
    return found


def _operate(manifest: Manifest, operation: dict[str, Any]) -> None:
    *way, last = operation["path"].strip("/").split("/")
    place: Any = manifest
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]
    match operation["op"]:
        case "add" if isinstance(place, dict):
            place[last] = operation["value"]
        case "add" if last == "-":
            place.append(operation["value"])
        case "remove":
            del place[last]
        case "replace":
            if last not in place:
                raise ValueError(f"nothing to replace at {operation['path']}")
            place[last] = operation["value"]
        case other:
            raise ValueError(f"the operation {other} is not known here")


def _merge(old: Any, new: Any) -> Any:
    """A strategic merge, for the lists whose items are told apart by their name or the path they are mounted at."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _merge(old[key], value) if key in old else value for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        for key in ("mountPath", "name"):
            if new and all(isinstance(item, dict) and key in item for item in [*old, *new]):
                return _merge_lists(old, new, key)
    return new


def _merge_lists(old: list[Any], new: list[Any], key: str) -> list[Any]:
    changes = {item[key]: item for item in new}
    kept = [_merge(item, changes.pop(item[key])) if item[key] in changes else item for item in old]
    return [*changes.values(), *kept]
