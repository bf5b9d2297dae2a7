"""The app's settings hold wherever the command is started."""

from matcher.serve import APP, streamlit_arguments


def test_every_setting_becomes_a_flag_and_nothing_leaves_the_machine():
    arguments = streamlit_arguments(8765)
    assert arguments[:3] == ["streamlit", "run", str(APP)]
    assert {
        "--server.address=127.0.0.1",
        "--server.port=8765",
        "--browser.gatherUsageStats=false",
        "--client.showErrorDetails=none",
        "--client.toolbarMode=minimal",
        "--server.fileWatcherType=none",
        "--theme.sidebar.backgroundColor=#0f2f36",
    } <= set(arguments)


def test_lists_are_repeated_flags_but_json_in_a_theme():
    arguments = streamlit_arguments(1)
    assert {"--server.allowedHosts=127.0.0.1", "--server.allowedHosts=localhost"} <= set(arguments)
    assert "--theme.headingFontWeights=[700, 600, 600]" in arguments
