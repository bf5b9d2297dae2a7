from matcher.intake.check import load_inputs as load_inputs
from matcher.plan.match import match as match
from matcher.plan.plan import Options as Options
from matcher.plan.plan import Plan as Plan
from matcher.plan.verify import verify as verify
from matcher.plan.written import write_plan as write_plan
from matcher.policy.documents import Policy as Policy
from matcher.policy.documents import load_policy as load_policy
from matcher.scenario.applying import apply as apply
from matcher.scenario.changes import compare as compare
from matcher.scenario.edits import Scenario as Scenario
from matcher.scenario.siting.close import close as close
from matcher.scenario.siting.place import place as place

__version__: str
