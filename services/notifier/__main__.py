"""How is notifier started? `python -m services.notifier`."""

from libs.service.run import main
from services.notifier.app import build
from services.notifier.settings import Settings

if __name__ == "__main__":
    main(Settings, build)
