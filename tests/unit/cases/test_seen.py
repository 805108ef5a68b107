from tests.county import county  # noqa: F401


def test_x(county):
    county.imported("ST2021", "MD2023")
    county.granted("ST21-01", "ST2021-TOWN-01", "direct")
    c = county.accepted("ST21-01", "ST2021-TOWN-01", at="2021-09-01T09:00:00+08:00")
    print(county.events_of(c), county.parked(), county.ask("cases","may_i",dict(programme="ST2021",item="ST21-09",org="ST2021-TOWN-02-CENTRE",town="ST2021-TOWN-02")), county.ask("cases","where_to_apply",dict(programme="ST2021",item="ST21-01")))
    print(county.commands("cases").database.rows("select * from application"), county.commands("cases").database.rows("select * from bus.cursor"))
