"""How is intake started? `python -m services.intake`."""

from libs.service.run import main
from services.intake.app import build
from services.intake.settings import Settings

if __name__ == "__main__":
    main(Settings, build)
