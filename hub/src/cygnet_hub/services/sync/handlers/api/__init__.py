"""The JSON API, version 1."""

from __future__ import annotations

from tornado.web import RequestHandler

from . import account, batch, changes, content, files, history, openapi, public, shares, uploads, views

Route = tuple[str, type[RequestHandler]]

#: Patterns below the service's prefix.
ROUTES: list[Route] = [
    (r"api/v1/openapi\.json", openapi.OpenApiHandler),
    (r"api/v1/me", account.MeHandler),
    (r"api/v1/people", account.PeopleHandler),
    (r"api/v1/app-passwords", account.AppPasswordsHandler),
    (r"api/v1/app-passwords/([A-Za-z0-9]{1,64})", account.AppPasswordHandler),
    (r"api/v1/server-credentials", account.ServerCredentialsHandler),
    (r"api/v1/server-credentials/([A-Za-z0-9]{1,64})", account.ServerCredentialHandler),
    (r"api/v1/server-credentials/([A-Za-z0-9]{1,64})/renew", account.ServerCredentialRenewHandler),
    (r"api/v1/files", files.FilesHandler),
    (r"api/v1/folders", files.FoldersHandler),
    (r"api/v1/files/(move|copy)", files.RelocateHandler),
    (r"api/v1/files/delete", files.DeleteHandler),
    (r"api/v1/search", files.SearchHandler),
    (r"api/v1/content", content.ContentHandler),
    (r"api/v1/batch", batch.BatchHandler),
    (r"api/v1/uploads", uploads.UploadsHandler),
    (r"api/v1/uploads/([A-Za-z0-9]{1,64})", uploads.UploadHandler),
    (r"api/v1/uploads/([A-Za-z0-9]{1,64})/finish", uploads.UploadFinishHandler),
    (r"api/v1/uploads/([A-Za-z0-9]{1,64})/([0-9]{1,18})", uploads.UploadPartHandler),
    (r"api/v1/archive", views.ArchiveHandler),
    (r"api/v1/preview", views.PreviewHandler),
    (r"api/v1/trash", history.TrashHandler),
    (r"api/v1/trash/restore", history.TrashRestoreHandler),
    (r"api/v1/trash/delete", history.TrashDeleteHandler),
    (r"api/v1/versions", history.VersionsHandler),
    (r"api/v1/versions/([0-9]{1,18})/content", history.VersionContentHandler),
    (r"api/v1/versions/([0-9]{1,18})/preview", history.VersionPreviewHandler),
    (r"api/v1/versions/([0-9]{1,18})/restore", history.VersionRestoreHandler),
    (r"api/v1/changes", changes.ChangesHandler),
    (r"api/v1/shares", shares.SharesHandler),
    (r"api/v1/shares/([^/]{1,64})", shares.ShareHandler),
    (r"api/v1/shares/([^/]{1,64})/(accept|decline)", shares.ShareAnswerHandler),
    (r"api/v1/shares/([^/]{1,64})/copy", shares.ShareCopyHandler),
    (r"api/v1/shares/([^/]{1,64})/files", shares.ShareFilesHandler),
    (r"api/v1/shares/([^/]{1,64})/content", shares.ShareContentHandler),
    (r"api/v1/shares/([^/]{1,64})/archive", shares.ShareArchiveHandler),
    (r"api/v1/shares/([^/]{1,64})/preview", shares.SharePreviewHandler),
    (r"api/v1/public/([A-Za-z0-9]{1,64})", public.PublicItemHandler),
    (r"api/v1/public/([A-Za-z0-9]{1,64})/unlock", public.PublicUnlockHandler),
    (r"api/v1/public/([A-Za-z0-9]{1,64})/files", public.PublicFilesHandler),
    (r"api/v1/public/([A-Za-z0-9]{1,64})/content", public.PublicContentHandler),
    (r"api/v1/public/([A-Za-z0-9]{1,64})/archive", public.PublicArchiveHandler),
    (r"api/v1/public/([A-Za-z0-9]{1,64})/preview", public.PublicPreviewHandler),
]
