"""An application that is ill while the file named by RAYCORD_ILL_FILE exists."""

import os

from ray import serve


@serve.deployment
class Patient:
    def reconfigure(self, config):
        """Takes any user_config."""

    def check_health(self):
        if os.path.exists(os.environ["RAYCORD_ILL_FILE"]):
            raise RuntimeError("ill on request")

    async def __call__(self, request):
        return "well"


app = Patient.bind()


def build(args):
    """Takes its arguments from the config, whatever they are."""
    return Patient.bind()
