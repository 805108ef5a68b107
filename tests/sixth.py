"""A sixth county that no notice knows: its folder, written by the test that needs it."""

from pathlib import Path

P = "YL2026"
MODE = "joint_approval"
DIRECTORY = f"{P}-ORG-"

PROGRAMME = f"""
id = "{P}"
title = "云岭县推进乡镇联合审批实施方案（虚构）"
document_no = "云政发〔2026〕3号"
issuer_org_id = "{DIRECTORY}01"
jurisdiction_id = "990001"
jurisdiction_name = "云岭县"
level = "county"
issued_on = 2026-01-10
parent_documents = []
grantor_kind = "granting_department"
redelegation_allowed = false
equal_acceptance = true
refusal_written = false

[catalogue]
title = "云岭县联合审批事项目录"
size = 3
origin = "annex"
required_columns = ["power_type", "granting_org_id", "supervising_org_id", "mode"]

[claim]
required = false
kind = "none"
survey_first = false

[deferral]
enabled = false

[list]
per_town = true
mode_per_entry = true
mode_set_per = "item"
outside_catalogue = "refuse"

[publication]
required = false
precondition_of_effect = false

[recall]
grounds = ["runs_badly"]
steps = ["decide", "publish"]
in_flight_policy = "hand_up"

[reduction]
rule = "none"

[supervision]
supervisor_required = false
two_way_push = false
credit_graded = false
double_random = false

[deadlines]
inclusive = true
timezone = "Asia/Shanghai"
binding_source = "table"
"""

# The window accepts and looks at the form, the town's department examines, the county's decides,
# and the town seals: a split that none of the five notices has.
TABLES = {
    "organs": f"""org_id,name,kind,level,superior_org_id,superior_basis,source,note
{DIRECTORY}01,云岭县人民政府,government,district,,,虚构,
{DIRECTORY}02,县行政审批局,department,district,{DIRECTORY}01,inferred,虚构,
{DIRECTORY}03,县市场监督管理局,department,district,{DIRECTORY}01,inferred,虚构,
""",
    "aliases": f"""alias,org_id,basis
县市场监管局,{DIRECTORY}03,abbreviation
""",
    "towns": f"""town_id,name,kind,tier,managing_zone_id,matching_county_id,recipient,centre_id,\
centre_name,department_id,department_name,source,note
{P}-TOWN-01,云溪镇,镇,,,,true,{P}-TOWN-01-CENTRE,云溪镇便民服务中心,{P}-TOWN-01-DEPT,\
云溪镇综合审批办,虚构,
{P}-TOWN-02,岭头乡,乡,,,,true,{P}-TOWN-02-CENTRE,岭头乡便民服务中心,{P}-TOWN-02-DEPT,\
岭头乡综合审批办,虚构,
""",
    "items": f"""item_id,seq,code,name,power_type,domain,power_level,granting_org_id,\
supervising_org_id,outcome_kind,outcome_basis,exclusions,mode,source,note
YL26-01,1,,食品经营许可,行政许可,approval,county,{DIRECTORY}02,{DIRECTORY}03,approval,\
inferred,,{MODE},虚构,
YL26-02,2,,小餐饮登记,行政许可,approval,county,{DIRECTORY}02,{DIRECTORY}03,registration,\
inferred,,{MODE},虚构,
YL26-03,3,,户外广告设置许可(大型广告除外),行政许可,approval,county,{DIRECTORY}02,{DIRECTORY}02,\
approval,inferred,大型广告,{MODE},虚构,
""",
    "modes": f"""mode,mode_zh,order_of_preference,seal_kind,agreement_kind,agreement_force,\
agreement_items,filing,exclusive,redelegation_allowed,forward_to,forward_reason,issue_on_seal,\
criterion,source
{MODE},联合审批,1,town_approval_seal,,,,,false,,granting_department,mode,false,,虚构
""",
    "facets": f"""mode,filed_at,cross_town,facet,holder,capacity,basis
{MODE},town,any,accept,town_window,own,explicit
{MODE},town,any,preliminary_review,town_window,own,explicit
{MODE},town,any,substantive_review,town_department,jointly,explicit
{MODE},town,any,decide,district_department,jointly,explicit
{MODE},town,any,seal,town,own:town_approval_seal,explicit
{MODE},town,any,named_authority,district_department,own,explicit
{MODE},town,any,liability,each_for_own_step,,explicit
{MODE},town,any,act_supervision,district_department,own,explicit
""",
    "clauses": "agreement_kind,seq,clause,source\n",
    "scopes": "item_id,seq,subitem,verb,source\n",
    "handover": "seq,kind,item,giver,taker,mode,separated_only,continues,source\n",
    "steps": "step_no,parent_step,action,responsible,submit_to,output,starts_on,due_on,"
             "deadline_text,deadline_basis,source\n",
    "obligations": "task_no,task,kind,responsible,recipients,due_on,deadline_text,precision,"
                   "other_deadlines,source\n",
    "limits": "item_id,step,value,unit,source\n",
}


def folder(at: Path) -> Path:
    """The folder of the sixth county, written under *at*."""
    made = at / P
    made.mkdir()
    (made / "programme.toml").write_text(PROGRAMME, "utf-8")
    for table, rows in TABLES.items():
        (made / f"{table}.csv").write_text(rows, "utf-8")
    return made
