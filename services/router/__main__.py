"""How is router started? `python -m services.router`."""

from libs.service.run import main
from services.router.app import build
from services.router.settings import Settings

if __name__ == "__main__":
    main(Settings, build)
