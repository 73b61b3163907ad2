"""Verifies deliveries by Python's standard library alone: Standard Webhooks 1.0, read from its text.

Takes a line of JSON for each: the secret, the headers, the body in Base64 as it came off the wire.
Prints a line of JSON for each: whether it is signed, and what its body says.
"""

import base64
import hashlib
import hmac
import json
import sys

for line in sys.stdin:
    given = json.loads(line)
    headers = given["headers"]
    body = base64.b64decode(given["body"], validate=True)
    secret = given["secret"]
    key = base64.b64decode(secret[6:] if secret.startswith("whsec_") else secret, validate=True)
    head = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode("ascii")
    digest = base64.b64encode(hmac.new(key, head + body, hashlib.sha256).digest()).decode("ascii")
    signatures = [
        part[3:] for part in headers["webhook-signature"].split(" ") if part.startswith("v1,")
    ]
    signed = any(hmac.compare_digest(digest, one) for one in signatures)
    print(json.dumps({"signed": signed, "event": json.loads(body) if signed else None}))
