"""Words of a shop's support talk that never name a product by themselves."""

from __future__ import annotations

_WORDS = """
a about account after again ago all already also always am amount an and another any anymore
anyone anything are arrive arrived arrives as ask asked at available away back be because been
before being better both bought box bring broken buy by call came can can't cancel cannot card
cash change charge charged charges cheaper check code collect come comes complain complaint
correct cost costs could courier customer damaged date day days deliver delivered delivery did
different discount do does doesn't doing don't done down driver else email enough error even
ever every everything exchange expensive express fast faulty few find fine fit fits for free
friday from fully get give go goes going gone good got great had happened happy has have he
hello help her here hey hi his home hours how human i i'd i'll i'm i've if in instead into
invoice is isn't it it's item items its just keep know last late left let like long look lost
made make many may me mean missing monday money month more most much must my need never new next
no nobody not nothing now number of off offer ok okay old on once one only open opened or order
ordered orders other our out over own package paid parcel part pay payment people person pick
pickup place placed please policy possible price problem process product purchase put question
quickly quite rather really receipt receive received refund repair replace replacement return
returned right same saturday say says sell send sent service shall she ship shipped shipping
shop should since size so some someone something sorry speak still stock stop store sunday
support sure take talk tell than thank thanks that that's the their them then there these they
thing things this those three thursday till time to today together tomorrow too track tracking
tuesday two under until up update upset us use very voucher wait waiting want wanted warranty
was wasn't way we website wednesday week weeks went were what what's when where which who why
will with without won't work working works would wrong year years yes yesterday yet you your
"""

EVERYDAY_WORDS = frozenset(_WORDS.split())
