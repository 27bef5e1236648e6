#!/usr/bin/env python3
"""A bucket for tests: moto's S3 server on a free port of 127.0.0.1, which checks signatures.

    bucket.py READY [--open]

Writes to the file READY one JSON object: the address, a key that may do everything, and its secret. With --open nobody
needs a key. Each request is a line on standard error. It runs until it is killed. Needs moto[server] and boto3.
"""

import json
import logging
import os
import sys
import time

is_open = "--open" in sys.argv[2:]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
if not is_open:
    # The four calls below come before there is a key.
    os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "4"

import boto3  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

logging.getLogger("werkzeug").setLevel(logging.INFO)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
server.start()
url = "http://127.0.0.1:%d" % server.get_host_and_port()[1]
anyone = dict(endpoint_url=url, aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1")
boto3.client("s3", **anyone).create_bucket(Bucket="mirror")
if is_open:
    reading = dict(Effect="Allow", Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::mirror/*")
    readable = json.dumps({"Version": "2012-10-17", "Statement": [reading]})
    boto3.client("s3", **anyone).put_bucket_policy(Bucket="mirror", Policy=readable)
iam = boto3.client("iam", **anyone)
iam.create_user(UserName="kscmirror")
everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
iam.put_user_policy(UserName="kscmirror", PolicyName="all", PolicyDocument=policy)
key = iam.create_access_key(UserName="kscmirror")["AccessKey"]
with open(sys.argv[1] + ".part", "w") as ready:
    json.dump({"url": url, "key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}, ready)
os.rename(sys.argv[1] + ".part", sys.argv[1])
while True:
    time.sleep(3600)
