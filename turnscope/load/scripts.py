"""Little conversations with an online shop's support, for demo traffic.

A step is one user turn: one of its wordings is taken. `{order}` and `{product}` are filled in.
"""

import random
from dataclasses import dataclass

# The demo shop has orders 1000 to 9999 and 1001000 to 1009999; the last one here does not exist.
ORDERS = ("1042", "2077", "4711", "8230", "1001200", "1003355", "1004711", "1009482", "990017")
PRODUCTS = ("wireless headphones", "desk lamp", "running shoes", "coffee grinder", "backpack")


@dataclass(frozen=True)
class Script:
    """One conversation. Chances are between 0 and 1; `thumbs` is the feedback if any is given."""

    name: str
    steps: tuple[tuple[str, ...], ...]
    thumbs: str = "up"
    feedback_chance: float = 0.2
    ends_politely: bool = True


SCRIPTS: tuple[Script, ...] = (
    Script(
        "order_status",
        (
            ("Hi, where is my order {order}?", "Can you tell me the status of order {order}?"),
            ("When will it be delivered?", "And when does it arrive?"),
            ("Thanks, that is all.", "Great, thank you!"),
        ),
        feedback_chance=0.4,
    ),
    Script(
        "order_status_number_later",
        (
            ("Where is my package?", "I want to track my parcel."),
            ("It is {order}.", "The order number is {order}."),
            ("Okay, thank you.", "Perfect, bye."),
        ),
    ),
    Script(
        "return",
        (
            ("I want to return the {product} I bought.", "How do I send back the {product}?"),
            ("Order {order}.", "My order number is {order}, the {product} does not fit."),
            ("How long does the refund take?", "When do I get my money back?"),
            ("Alright, thanks for the help.", "Good, that helps."),
        ),
        feedback_chance=0.3,
    ),
    Script(
        "refund_not_there",
        (
            ("I returned order {order} two weeks ago and still have no refund.",),
            ("That does not answer my question. Where is my refund?",),
            ("This is really annoying. I asked about my refund!",),
            ("I want to speak to a human.", "Let me talk to an agent, please."),
        ),
        thumbs="down",
        feedback_chance=0.7,
        ends_politely=False,
    ),
    Script(
        "complaint_damaged",
        (
            ("My {product} arrived broken.", "The {product} in order {order} came damaged."),
            ("Order {order}. The box was crushed as well.",),
            ("Can I get a new one?", "I would rather have a replacement than a refund."),
            ("Fine. Thank you.", "Okay, I will wait for it."),
        ),
        thumbs="down",
        feedback_chance=0.4,
    ),
    Script(
        "cancel",
        (
            ("Please cancel my order {order}.", "I ordered by mistake, cancel {order} please."),
            ("Yes, I am sure.", "Yes please."),
            ("Thank you!", "Good, thanks."),
        ),
    ),
    Script(
        "change_address",
        (
            ("I have moved, can you change the delivery address?",),
            ("For order {order}.", "It is about {order}."),
            ("Then I will do it on the website. Bye.", "Okay, thanks."),
        ),
    ),
    Script(
        "product_question",
        (
            ("Do you have the {product} in stock?", "How much is the {product}?"),
            ("Does it come in black?", "Is there a warranty on it?"),
            ("I will think about it, thanks.", "Thanks, bye!"),
        ),
    ),
    Script(
        "payment",
        (
            ("Which payment methods do you accept?", "Can I pay by invoice?"),
            ("I was charged twice for order {order}.",),
            ("Okay, I will check with my bank.", "Thanks."),
        ),
    ),
    Script(
        "out_of_scope",
        (
            ("What is the weather like in Lisbon tomorrow?", "Can you write me a poem about rain?"),
            ("Do you know who won the game last night?", "What is the capital of Mongolia?"),
            ("Never mind.", "Okay then, forget it."),
        ),
        feedback_chance=0.1,
        ends_politely=False,
    ),
    Script(
        "rephrasing",
        (
            ("It still says pending.", "The thing has not moved since Monday."),
            ("I mean my order, it does not move.", "No, I mean the parcel. It is stuck."),
            ("No. Where is order {order}?", "Not that! What about order {order}?"),
            ("Finally. Thanks.", "Ah, okay. Thank you."),
        ),
        thumbs="down",
        feedback_chance=0.3,
    ),
    Script(
        "agent_at_once",
        (
            ("Agent please.", "I want to talk to a real person."),
            ("Just connect me with someone.", "A human, not a bot."),
        ),
        thumbs="down",
        feedback_chance=0.3,
        ends_politely=False,
    ),
    Script(
        "walks_away",
        (
            ("hello", "Hi there"),
            ("I have a question about my order", "My order is late"),
        ),
        feedback_chance=0.0,
        ends_politely=False,
    ),
    Script(
        "delivery_times",
        (
            ("How long does shipping take?", "Do you ship to Austria?"),
            ("What does express delivery cost?", "And is it free above a certain amount?"),
            ("Thanks a lot, bye.", "Good to know, thank you."),
        ),
    ),
)


def choose_lines(script: Script, chance: random.Random) -> list[str]:
    """One wording of each step; order and product stay the same through the conversation."""
    facts = {"order": chance.choice(ORDERS), "product": chance.choice(PRODUCTS)}
    return [chance.choice(step).format(**facts) for step in script.steps]
