"""What each host takes, by its own description, as JSON Schema; nothing in a file of ours may be outside of it."""

from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
SOME_TEXT: Schema = {"type": "string", "minLength": 1}
WHOLE: Schema = {"type": "integer", "minimum": 0}
VISIBILITY: Schema = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
FORMAT: Schema = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}


def closed(properties: Schema, *required: str) -> Schema:
    """An object with no keys but these."""
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": [*required]}


GRADESCOPE = closed(
    {
        "score": NUMBER,
        "execution_time": NUMBER,
        "output": TEXT,
        "output_format": FORMAT,
        "test_output_format": FORMAT,
        "test_name_format": FORMAT,
        "visibility": VISIBILITY,
        "stdout_visibility": VISIBILITY,
        "extra_data": {"type": "object"},
        "leaderboard": {"type": "array"},
        "tests": {
            "type": "array",
            "items": closed(
                {
                    "score": NUMBER,
                    "max_score": NUMBER,
                    "status": {"enum": ["passed", "failed"]},
                    "name": TEXT,
                    "name_format": FORMAT,
                    "number": TEXT,
                    "output": TEXT,
                    "output_format": FORMAT,
                    "tags": {"type": "array", "items": TEXT},
                    "visibility": VISIBILITY,
                    "extra_data": {"type": "object"},
                }
            ),
        },
    },
    "score",
)
"""https://gradescope-autograders.readthedocs.io/en/latest/specs/#output-format; score is optional where each test
has one, and of ours it is always there.
"""
PRAIRIELEARN = closed(
    {
        "gradable": {"type": "boolean"},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "message": TEXT,
        "output": TEXT,
        "format_errors": {"type": "array", "items": TEXT},
        "tests": {
            "type": "array",
            "items": closed(
                {
                    "name": TEXT,
                    "description": TEXT,
                    "points": NUMBER,
                    "max_points": NUMBER,
                    "message": TEXT,
                    "output": TEXT,
                },
                "name",
                "points",  # without it PrairieLearn leaves out the points of all
                "max_points",
            ),
        },
    },
    "score",
)
"""https://prairielearn.readthedocs.io/en/latest/externalGrading/#grading-results"""
QUESTION = closed(
    {
        "uuid": {"type": "string", "pattern": r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"},
        "type": {"const": "v3"},
        "title": SOME_TEXT,
        "topic": SOME_TEXT,
        "singleVariant": {"type": "boolean"},
        "gradingMethod": {"const": "External"},
        "externalGradingOptions": closed(
            {
                "enabled": {"type": "boolean"},
                "image": SOME_TEXT,
                "entrypoint": {"type": "string", "pattern": "^/"},
                "timeout": {"type": "integer", "minimum": 1, "maximum": 600},
            },
            "image",
            "entrypoint",
        ),
    },
    "uuid",
    "type",
    "title",
    "topic",
)
"""PrairieLearn's infoQuestion.json, of which only what is used here."""
CLASSROOM50 = closed(
    {
        "schema": {"const": "classroom50/result/v1"},
        "classroom": SOME_TEXT,
        "assignment": SOME_TEXT,
        "assignment_type": {"enum": ["individual", "group"]},
        "owner": SOME_TEXT,
        "submission": {"type": "string", "pattern": "^submit/"},
        "commit": SOME_TEXT,
        "release": SOME_TEXT,
        "review": SOME_TEXT,
        "datetime": MOMENT,
        "score": WHOLE,
        "max-score": WHOLE,
        "tests": {
            "type": "array",
            "items": closed(
                {"test-name": SOME_TEXT, "passed": {"type": "boolean"}, "score": WHOLE, "max-score": WHOLE},
                *("test-name", "passed", "score", "max-score"),
            ),
        },
    },
    *(
        "schema",
        "classroom",
        "assignment",
        "assignment_type",
        "owner",
        "submission",
        "commit",
        "release",
        "review",
    ),
    *("datetime", "score", "max-score", "tests"),
)
"""schemas/result-v1.schema.json of foundation50/classroom50."""


def check(document: Any, schema: Schema) -> None:
    """Fail where a document is not as a host takes it."""
    errors = [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(document)
    ]
    assert errors == []
