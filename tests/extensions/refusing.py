"""An authorizer that allows nothing of our extension, to see that every route asks."""

from jupyter_server.auth.authorizer import Authorizer


class Refusing(Authorizer):
    def is_authorized(self, handler, user, action, resource):
        return not type(handler).__module__.startswith("cygnet_extensions")
