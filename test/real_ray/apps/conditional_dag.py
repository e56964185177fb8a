"""The calculator of the guide: ["MUL", 3] multiplies, ["ADD", 3] adds, and both are pizzas."""

from ray import serve


@serve.deployment
class Adder:
    increment = 1

    def reconfigure(self, config):
        self.increment = config["increment"]

    def calculate(self, number):
        return number + self.increment


@serve.deployment
class Multiplier:
    factor = 1

    def reconfigure(self, config):
        self.factor = config["factor"]

    def calculate(self, number):
        return number * self.factor


@serve.deployment
class Router:
    def __init__(self, adder, multiplier):
        self.ways = {"ADD": adder, "MUL": multiplier}

    async def __call__(self, request):
        operation, number = await request.json()
        return f"{await self.ways[operation].calculate.remote(number)} pizzas please!"


serve_dag = Router.bind(Adder.bind(), Multiplier.bind())
