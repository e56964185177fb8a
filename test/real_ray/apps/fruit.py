"""The fruit stand of the guide: ["MANGO", 2] costs twice the price of a mango."""

from ray import serve


class Stand:
    price = 1

    def reconfigure(self, config):
        self.price = config["price"]

    def check_out(self, amount):
        return self.price * amount


MangoStand = serve.deployment(Stand, name="MangoStand")
OrangeStand = serve.deployment(Stand, name="OrangeStand")
PearStand = serve.deployment(Stand, name="PearStand")


@serve.deployment
class FruitMarket:
    def __init__(self, mango, orange, pear):
        self.stands = {"MANGO": mango, "ORANGE": orange, "PEAR": pear}

    async def __call__(self, request):
        fruit, amount = await request.json()
        return await self.stands[fruit].check_out.remote(amount)


deployment_graph = FruitMarket.bind(MangoStand.bind(), OrangeStand.bind(), PearStand.bind())
