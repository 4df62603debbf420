"""The attacks: one function each, in small files by what they are made of, and the table that names them.

The first are those of the review at 0.1.0, at the sizes with which they stopped the service then.
"""

from typing import Final

from benchmarks.abuse.attack import FULL, Attack
from benchmarks.abuse.attacks import bodies, connections, files, models, pictures, records

ATTACKS: Final = (
    Attack("JPEG of 9,000 scans", pictures.scans, "scans of a picture; a pass ends with its time"),
    Attack("JPEG of 30,000 scans, for later", pictures.scans_for_later, "scans of a picture, on the files queue too"),
    Attack("six RGBA pictures of 4096²", pictures.many_pixels, "pixels, summed over a request"),
    Attack("1,000 pictures of 4096² in 2 MB", pictures.many_pictures, "pixels, summed over a request"),
    Attack("1,500,000 empty gzip members", bodies.gzip_members, "members of a packed body"),
    Attack("padding of 1,000 in an imported model", models.padding, "numbers that a network computes for a row", FULL),
    Attack("600 event streams", connections.streams, "`NEUROND_MAX_STREAMS`, over one connection to Redis"),
    Attack(
        "20 × 24 MB after a full queue",
        files.bodies_that_are_refused,
        "predictions that wait, `NEUROND_READ_KEY_QUOTA_BYTES`",
        seconds=30,
        heard=503,
    ),
    Attack("a name that leads here (rebinding)", records.rebinding, "`NEUROND_HOSTS`", FULL, refused=True),
    Attack("500 classes of 100,000 letters", files.long_classes, "length of names", FULL),
    Attack("file names of 800,000 letters", files.long_file_names, "length of names", FULL),
    Attack("2,000 half heads", connections.half_heads, "`NEUROND_HEAD_SECONDS`, `NEUROND_MAX_CONNECTIONS`"),
    Attack("500 bodies, two bytes a second", connections.dripping_bodies, "`NEUROND_BODY_BYTES_PER_SECOND`"),
    Attack("jobs submitted and cancelled", records.jobs_withdrawn, "`NEUROND_WITHDRAWN_RETENTION_SECONDS`", FULL),
    Attack("1 GiB of zeros in 1 MB of gzip", bodies.gzip_bomb, "`NEUROND_MAX_PREDICTION_BYTES`, unpacked"),
    Attack("four million brackets", bodies.deep_json, "depth of JSON"),
    Attack("rows of 15 million numbers", bodies.one_long_row, "`NEUROND_MAX_PREDICTION_BYTES`"),
    Attack("10,000 rows a request, without end", bodies.whole_rows, "`NEUROND_PREDICT_QUEUE_SECONDS`"),
    Attack("a NumPy header of 6 TB", bodies.forged_array, "a header is held against the bytes behind it"),
    Attack("30 MB that are nearly boundaries", bodies.near_boundaries, "`NEUROND_MAX_PREDICTION_BYTES`"),
    Attack("200 MB of text in a PNG", pictures.text_bomb, "text of a picture is not unpacked beyond 1 MiB"),
    Attack("400,000 chunks of one byte", connections.small_chunks, "`NEUROND_MAX_PREDICTION_BYTES`"),
    Attack("100,000 requests, no answer read", connections.pipelines, "one request of a connection at a time"),
    Attack("5,000 headers a request", connections.many_headers, "fields of a head"),
    Attack("10¹² outputs in an architecture", models.units, "parameters of a network", FULL),
    Attack("32 layers of 8,192, batches of 65,536", models.wide_jobs, "`NEUROND_MAX_JOB_MEMORY_BYTES`", FULL),
    Attack("1.2 GB in 1.2 MB of zip", files.zip_bomb, "`NEUROND_MAX_UPLOAD_BYTES`, unpacked", FULL),
    Attack("a table of 780 MB in gzip", files.packed_table, "`NEUROND_INGEST_MEMORY_BYTES`", FULL),
    Attack("10,000 columns with long names", files.wide_table, "length of names, all together", FULL),
    Attack("20,000 unknown fields", records.unknown_fields, "errors that are told", FULL),
    Attack("the longest lists, 16 at a time", records.long_lists, "bytes of an entry"),
    Attack("keys guessed, 16 at a time", records.wrong_keys, "wrong keys of an address", refused=True),
)
