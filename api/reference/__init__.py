"""The reference of the API: `/openapi.json` for programs, `/docs` for people."""

from api.reference.views import blueprint

__all__ = ["blueprint"]
