"""Which act is admitted in which state of a case, and for which reasons. MODEL 3.3, R053, R111."""

IN_TOWN = ("accepted", "prelim_reviewed", "reviewed", "returned")
UNDECIDED = (*IN_TOWN, "submitted", "deficient", "forwarded", "received", "handed_up")
FINISHED = ("not_accepted", "duplicate", "closed", "withdrawn")
AT_OWNER = ("received", "handed_up")

ADMITTED: dict[str, tuple[str, ...]] = {
    "notify_deficiency": ("submitted", "accepted", "returned"),
    "supplement": ("deficient",),
    "accept": ("submitted",),
    "not_accept": ("submitted",),
    "link_duplicate": UNDECIDED,
    "detect_cross_town": (*IN_TOWN, "forwarded", *AT_OWNER),
    "preliminary_review": ("accepted", "returned"),
    "review": ("accepted", "prelim_reviewed", "returned", *AT_OWNER),
    "forward": IN_TOWN,
    "receive": ("forwarded",),
    "return_case": ("received", "reviewed"),
    "approve": (*IN_TOWN, *AT_OWNER),
    "deny": (*IN_TOWN, *AT_OWNER),
    "complete": ("accepted", "returned", *AT_OWNER),
    "deliver": ("decided",),
    "close": ("delivered",),
    "withdraw": ("submitted", "deficient", "accepted"),
    "hand_up": IN_TOWN,
}

# R111: reasons of law; “apply in the town” and “apply in the district” are none.
NOT_ACCEPTED_FOR = ("outside_scope", "materials_missing", "not_an_item_of_this_organ")

# R053: what the district may return a case for that it issues on the seal.
FORMAL_DEFECTS = ("seal_missing", "seal_not_genuine", "opinion_missing", "wrong_item")

# R053: what is left to the district when the town has reviewed.
ON_SEAL_ANSWERS = ("approve", "return_case")
