"""The gateway: the one HTTP edge, API and public pages (网关)."""
