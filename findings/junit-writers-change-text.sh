#!/usr/bin/env bash
# A failed test has a message of two lines, one with a tab, one in colour, and one with a character that XML 1.0
# cannot hold (U+FFFE, as of a file in UTF-16 that was read in the wrong order of bytes). What do libraries that
# write JUnit reports make of it, once a parser has read the report?
#
# Versions: pinned below; Node 20, Python 3.11, cargo. All with their defaults; quick-junit is what cargo-nextest
#           writes with. The text is given as the failure's message, and read from the attribute with Python's
#           own parser.
# Seen:     the table at the end. "kept", "blank" in place of the character, "gone" without a trace, "[31m" = the
#           rest of the colour stays as text, "#x1B" = the character by name, "unreadable" = the report is not
#           well-formed, and no parser reads any of it, "error" = the library raises.
# Surprise: a line break and a tab in an attribute have to be written as &#10; and &#9;, or every parser makes a
#           blank of them (XML 1.0, 3.3.3): three of six do not, and quick-junit drops tabs even in element text.
#           It also writes U+FFFE as it is, as mocha's does, and junitparser every character that XML cannot hold:
#           one odd character in one message costs the whole report. Of six, only pytest names it.
# Meaning:  put a visible character in the place of what XML cannot hold before a library sees it, keep the
#           message to one line, and put the rest into the element's text.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(junit-report-builder@5.1.1 mocha@11.7.5 mocha-junit-reporter@2.2.1)
pypi=(junitparser==4.0.2 junit-xml==1.9 pytest==9.0.2)
echo "Node $(node --version), $(python3 --version), ${npm[*]} ${pypi[*]} quick-junit 0.8.0"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
timeout 180 venv/bin/pip install -q "${pypi[@]}"
mkdir -p rust/src
cat >rust/Cargo.toml <<'TOML'
[package]
name = "writer"
version = "0.0.0"
edition = "2021"

[dependencies]
quick-junit = "=0.8.0"
TOML
cat >rust/src/main.rs <<'RS'
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

fn main() {
    let text = std::env::var("TEXT").unwrap();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_message(text.clone());
    status.set_description(text);
    let mut suite = TestSuite::new("suite");
    suite.add_test_case(TestCase::new("case", status));
    let mut report = Report::new("report");
    report.add_test_suite(suite);
    print!("{}", report.to_string().unwrap());
}
RS
(cd rust && CARGO_TARGET_DIR="$work/target" timeout 300 cargo build --quiet)

cat >with_junitparser.py <<'PY'
import os, sys
from junitparser import Failure, JUnitXml, TestCase, TestSuite

case, failure = TestCase("case"), Failure(os.environ["TEXT"])
case.result = [failure]
suite, report = TestSuite("suite"), JUnitXml()
suite.add_testcase(case)
report.add_testsuite(suite)
report.write(sys.argv[1])
PY
cat >with_junit_xml.py <<'PY'
import os, sys
from junit_xml import TestCase, TestSuite, to_xml_report_string

case = TestCase("case")
case.add_failure_info(message=os.environ["TEXT"])
text = to_xml_report_string([TestSuite("suite", [case])])
open(sys.argv[1], "w", encoding="utf-8").write(text)
PY
cat >test_it.py <<'PY'
import os

import pytest


def test_case():
    pytest.fail(os.environ["TEXT"], pytrace=False)
PY
cat >with_builder.cjs <<'JS'
const builder = require("junit-report-builder").newBuilder();
builder.testSuite().name("suite").testCase().name("case").failure(process.env.TEXT);
require("node:fs").writeFileSync(process.argv[2], builder.build());
JS
cat >spec.cjs <<'JS'
it("case", () => { throw new Error(process.env.TEXT); });
JS

cat >run.py <<'PY'
import os, re, subprocess, xml.etree.ElementTree as Tree

WRITERS = {
    "quick-junit": "target/debug/writer >out.xml",
    "junitparser": "venv/bin/python with_junitparser.py out.xml",
    "junit-xml": "venv/bin/python with_junit_xml.py out.xml",
    "pytest": "venv/bin/python -m pytest -q --junit-xml out.xml test_it.py || [ $? = 1 ]",
    "junit-report-builder": "node with_builder.cjs out.xml",
    "mocha-junit-reporter": "node_modules/.bin/mocha spec.cjs --reporter mocha-junit-reporter "
    "--reporter-options mochaFile=out.xml || [ $? = 1 ]",
}
TEXTS = {"line break": "\n", "tab": "\t", "colour": "\x1b[31m", "U+FFFE": "\ufffe"}


def seen(command, text):
    if os.path.exists("out.xml"):
        os.remove("out.xml")
    environment = dict(os.environ, TEXT=f"one{text}two")
    done = subprocess.run(command, shell=True, env=environment, capture_output=True, timeout=60)
    if done.returncode != 0:
        return "error"
    try:
        message = Tree.parse("out.xml").find(".//failure").get("message")
    except Tree.ParseError:
        return "unreadable"
    # Some put words of their own around the text.
    between = re.search("one(.*?)two", message, re.DOTALL).group(1)
    return {text: "kept", "": "gone", " ": "blank"}.get(between, between)


print("writer".ljust(22) + "".join(name.ljust(12) for name in TEXTS).rstrip())
for name, command in WRITERS.items():
    print((name.ljust(22) + "".join(seen(command, text).ljust(12) for text in TEXTS.values())).rstrip())
PY
timeout 240 python3 run.py | tee seen

cat >expected <<'SEEN'
writer                line break  tab         colour      U+FFFE
quick-junit           blank       gone        gone        unreadable
junitparser           kept        kept        unreadable  unreadable
junit-xml             blank       blank       [31m        error
pytest                kept        kept        #x1B[31m    #xFFFE
junit-report-builder  kept        kept        [31m        gone
mocha-junit-reporter  blank       blank       [31m        unreadable
SEEN
diff -u expected seen || { echo "changed: the libraries no longer behave as recorded" >&2; exit 1; }
echo "as recorded"
