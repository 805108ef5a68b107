"""Applicants' details: held beside the log, shown on the record, erased without a trace of them."""
