"""How do the parts of the router meet?"""

from libs.service.kit import Kit, Service
from services.router.consume import handlers
from services.router.route import Router
from services.router.settings import Settings


def build(settings: Settings, kit: Kit) -> Service:
    """The router, ready to be run."""
    router = Router(kit.releases, kit.publisher, kit.metrics)
    return Service(name="router", handlers=handlers(router), reads_directory=True)
