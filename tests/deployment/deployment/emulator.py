"""The emulator: moto's server on a free port of loopback, for as long as the tests run."""

import atexit
import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import boto3
from moto.cloudformation.parsing import get_model_map

from deployment.conditions import PSEUDO_PARAMETERS
from deployment.translate import CODE_BUCKET, CODE_KEY, ROOT

LOG = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "deployment.log"
REGION = PSEUDO_PARAMETERS["AWS::Region"]
_clients = {}
_endpoint = None


def client(service):
    """A client of a service of the emulator."""
    global _endpoint
    if _endpoint is None:
        _endpoint = _start()
        _upload_code()
    if service not in _clients:
        _clients[service] = _client(service)
    return _clients[service]


def _client(service):
    return boto3.client(service, endpoint_url=_endpoint, region_name=REGION, aws_access_key_id="test",
                        aws_secret_access_key="test")


def knows(kind):
    """Whether the emulator creates resources of a kind."""
    return kind in get_model_map()


def create(name, template, parameters):
    """Deploys a translated template as a new stack."""
    client("cloudformation").create_stack(**_request(name, template, parameters))
    _expect(name, "CREATE_COMPLETE")


def update(name, template, parameters):
    """Deploys a translated template to a stack that exists."""
    client("cloudformation").update_stack(**_request(name, template, parameters))
    _expect(name, "UPDATE_COMPLETE")


def delete(name):
    """Deletes a stack."""
    client("cloudformation").delete_stack(StackName=name)


def _request(name, template, parameters):
    return {
        "StackName": name,
        "TemplateBody": json.dumps(_readable(template)),
        "Parameters": [{"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM"],
    }


def _readable(template):
    """The template as the emulator can read it.

    - It knows Retain alone. CloudFormation too keeps the resources of a complete stack with RetainExceptOnCreate.
    - It ends at an output with an attribute of a resource whose kind it does not know.
    """
    resources = {name: dict(resource) for name, resource in template["Resources"].items()}
    for resource in resources.values():
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate":
            resource["DeletionPolicy"] = "Retain"

    unknown = [name for name, resource in resources.items() if not knows(resource["Type"])]
    attributes = [text for name in unknown for text in (f'"Fn::GetAtt": ["{name}"', f"${{{name}.")]
    outputs = {name: output for name, output in template["Outputs"].items()
               if not any(attribute in json.dumps(output) for attribute in attributes)}
    return {**template, "Resources": resources, "Outputs": outputs}


def _expect(name, status):
    (stack,) = client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    assert stack["StackStatus"] == status, f"{name}: {stack['StackStatus']}"


def _start():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with LOG.open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    atexit.register(_end, server)
    endpoint = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{endpoint}/moto-api/", timeout=5)
            return endpoint
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _end(server):
    server.terminate()
    server.wait()


def _upload_code():
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("bootstrap", "")
    s3 = client("s3")
    s3.create_bucket(Bucket=CODE_BUCKET)
    s3.put_object(Bucket=CODE_BUCKET, Key=CODE_KEY, Body=code.getvalue())
