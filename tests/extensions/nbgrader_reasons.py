"""Which tests of nbgrader cannot apply to an exchange without a shared disk, and why."""

from __future__ import annotations

#: Tests of nbgrader that are about what this exchange does on purpose in another way.
PERMISSIONS = "is about the modes of files on a shared disk; here the service says who may read what"
IDENTITY = "hands in under another name; here everybody is who they logged in as"
KEPT = "removes what was handed in; here it is kept"
HASHES = "looks for feedback under a secret name in a folder that all read; here only the student sees it"
NOT_APPLICABLE = {
    "TestNbGraderRelease::test_permissions": PERMISSIONS,
    "TestNbGraderCollect::test_permissions": PERMISSIONS,
    "TestNbGraderReleaseFeedback::test_permissions": PERMISSIONS,
    "TestNbGraderSubmit::test_submit_with_student_id": IDENTITY,
    "TestNbGraderCollect::test_owner_check": IDENTITY,
    "TestNbGraderList::test_list_cached": KEPT,
    "TestNbGraderList::test_list_remove_inbound": KEPT,
    "TestNbGraderList::test_list_remove_cached": KEPT,
    "TestNbGraderReleaseFeedback::test_single_file": HASHES,
    "TestNbGraderReleaseFeedback::test_single_student": HASHES,
    "TestNbGraderReleaseFeedback::test_student_id_exclude": HASHES,
    "TestNbGraderList::test_list_feedback_inbound": HASHES,
    "TestNbGraderList::test_list_feedback_cached": HASHES,
}
