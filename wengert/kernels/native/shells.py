"""Functions of Python's own calling convention around the functions of kernels, in LLVM's IR.

A kernel's function takes the values of the inputs and gives those of the outputs through pointers. A shell reads the
arguments of a call from Python and makes the answer. The same shells serve all kernels: the differences are in a
record, which the shell finds through the object that it is bound to.

    run    the `Run` of a kernel: the first output and a tuple of the others; None if an argument is no float
    one    the first output
    flat   a tuple of all outputs
    pair   the first output, and the others as an object of a class made of tuples, with the arguments as an attribute

All but `run` hand a call over, to a function in Python that the record names, where an argument is no float, where
their number is wrong or one has a name, where a value is not finite, and where an op has been replaced.
"""

from __future__ import annotations

from ..kernel import FLAT, FORMS, ONE, PAIR
from .places import ObjectPlaces

SHELLS = ("run", *FORMS)
# The fields of a record, each of a word.
FIELDS = (
    "compute",  # the kernel's function
    "inputs",  # their number
    "outputs",  # their number
    "values",  # the number of the first outputs that must be finite
    "current",  # the address of the count of ops that were replaced
    "made",  # that count when the kernel was made
    "last",  # the list whose first item becomes `route` with each answer, or null
    "route",
    "otherwise",  # the function in Python
    "float",  # Python's class of floats
    "none",  # None
    "class",  # the class of the answer
    "source",  # stands before the arguments in the attribute
    "attribute",  # the name of the attribute
    "new",  # the function that makes a tuple of a given class from another tuple
)

DECLARATIONS = """
declare double @llvm.fabs.f64(double)
declare double @PyFloat_AsDouble(ptr)
declare ptr @PyFloat_FromDouble(double)
declare ptr @PyTuple_New(i64)
declare i32 @PyTuple_SetItem(ptr, i64, ptr)
declare ptr @PyTuple_GetItem(ptr, i64)
declare ptr @PyBytes_AsString(ptr)
declare ptr @PyType_GenericAlloc(ptr, i64)
declare ptr @PyObject_Type(ptr)
declare ptr @PyObject_Vectorcall(ptr, ptr, i64, ptr)
declare i32 @PyObject_SetAttr(ptr, ptr, ptr)
declare i32 @PyList_SetItem(ptr, i64, ptr)
declare void @Py_IncRef(ptr)
declare void @Py_DecRef(ptr)
"""
FUNCTIONS = tuple(line.partition("@")[2].partition("(")[0] for line in DECLARATIONS.split("\n") if "@Py" in line)


def shells(places: ObjectPlaces | None) -> str:
    """The module of the shells. Without places it keeps to calls of the stable interface."""
    return "\n".join([DECLARATIONS, _is_float(places), _store(places), _boxes(), *(_shell(x, places) for x in SHELLS)])


def _field(name: str, kind: str = "ptr") -> list[str]:
    """Read a field of the record into a register of the same name."""
    return [f"%{name}.at = getelementptr i64, ptr %record, i64 {FIELDS.index(name)}",
            f"%{name} = load {kind}, ptr %{name}.at"]  # fmt: skip


def _is_float(places: ObjectPlaces | None) -> str:
    """Whether an object is of the class of floats itself, and its value."""
    if places is None:
        tested = """
  %type = call ptr @PyObject_Type(ptr %object)
  call void @Py_DecRef(ptr %type)
"""
        read = "%value = call double @PyFloat_AsDouble(ptr %object)"
    else:
        tested = f"""
  %type.at = getelementptr i8, ptr %object, i64 {places.type}
  %type = load ptr, ptr %type.at
"""
        read = f"""
  %value.at = getelementptr i8, ptr %object, i64 {places.value}
  %value = load double, ptr %value.at
"""
    return f"""
define internal i1 @read(ptr %object, ptr %float, ptr %to) alwaysinline {{
{tested}
  %is = icmp eq ptr %type, %float
  br i1 %is, label %yes, label %no
yes:
  {read}
  store double %value, ptr %to
  ret i1 true
no:
  ret i1 false
}}
"""


def _store(places: ObjectPlaces | None) -> str:
    """Put a new reference into a tuple that is new. The reference is null after a failure, and a tuple
    may hold null until it is done away with."""
    if places is None:
        how = "%done = call i32 @PyTuple_SetItem(ptr %tuple, i64 %k, ptr %object)"
    else:
        how = f"""
  %items = getelementptr i8, ptr %tuple, i64 {places.items}
  %at = getelementptr ptr, ptr %items, i64 %k
  store ptr %object, ptr %at
"""
    return f"""
define internal void @store(ptr %tuple, i64 %k, ptr %object) alwaysinline {{
  {how}
  ret void
}}
"""


def _boxes() -> str:
    """Fill a tuple with floats, from the number `first` on; whether all of them could be made."""
    return """
define internal i1 @fill(ptr %tuple, i64 %size, ptr %from) alwaysinline {
entry:
  %some = icmp sgt i64 %size, 0
  br i1 %some, label %loop, label %done
loop:
  %k = phi i64 [0, %entry], [%next, %more]
  %at = getelementptr double, ptr %from, i64 %k
  %value = load double, ptr %at
  %box = call ptr @PyFloat_FromDouble(double %value)
  call void @store(ptr %tuple, i64 %k, ptr %box)
  %null = icmp eq ptr %box, null
  br i1 %null, label %failed, label %more
more:
  %next = add nuw nsw i64 %k, 1
  %end = icmp eq i64 %next, %size
  br i1 %end, label %done, label %loop
done:
  ret i1 true
failed:
  ret i1 false
}
"""


def _shell(name: str, places: ObjectPlaces | None) -> str:
    if places is None:
        find = ["%bytes = call ptr @PyTuple_GetItem(ptr %self, i64 0)",
                "%record = call ptr @PyBytes_AsString(ptr %bytes)"]  # fmt: skip
    else:
        find = [f"%bytes.at = getelementptr i8, ptr %self, i64 {places.items}", "%bytes = load ptr, ptr %bytes.at",
                f"%record = getelementptr i8, ptr %bytes, i64 {bytes.__basicsize__ - 1}"]  # fmt: skip
    lines = ["entry:", *find, *_guard(name), *_read(), *_compute(name), *ANSWERS[name](places).split("\n")]
    return f"define ptr @{name}(ptr %self, ptr %args, i64 %n, ptr %names) {{\n" + "\n".join(lines) + "\n}\n"


def _guard(name: str) -> list[str]:
    """Go on to `begin` if the call is one that this shell can answer, else to `other`."""
    lines = [*_field("inputs", "i64"), "%count = icmp eq i64 %n, %inputs"]
    if name == "run":
        return [*lines, "br i1 %count, label %begin, label %other"]
    return [
        *lines, "%unnamed = icmp eq ptr %names, null", *_field("current"), "%now = load i64, ptr %current",
        *_field("made", "i64"), "%same = icmp eq i64 %now, %made", "%ok.1 = and i1 %count, %unnamed",
        "%ok = and i1 %ok.1, %same", "br i1 %ok, label %begin, label %other",
    ]  # fmt: skip


def _read() -> list[str]:
    """Read the arguments into an array, and go on to `compute`."""
    return [
        "begin:", *_field("float"), *_field("outputs", "i64"),
        "%in = alloca double, i64 %n", "%out = alloca double, i64 %outputs",
        "%any = icmp sgt i64 %n, 0", "br i1 %any, label %reading, label %compute.it",
        "reading:", "%i = phi i64 [0, %begin], [%i.next, %read.more]", "%arg.at = getelementptr ptr, ptr %args, i64 %i",
        "%arg = load ptr, ptr %arg.at", "%in.at = getelementptr double, ptr %in, i64 %i",
        "%is = call i1 @read(ptr %arg, ptr %float, ptr %in.at)", "br i1 %is, label %read.more, label %other",
        "read.more:", "%i.next = add nuw nsw i64 %i, 1", "%read.end = icmp eq i64 %i.next, %n",
        "br i1 %read.end, label %compute.it, label %reading",
    ]  # fmt: skip


def _compute(name: str) -> list[str]:
    """Call the kernel's function, and go on to `answer` unless a value must be finite and is not."""
    lines = ["compute.it:", *_field("compute"), "call void %compute(ptr %in, ptr %out)"]
    if name == "run":
        return [*lines, "br label %answer"]
    return [
        *lines, *_field("values", "i64"), "br label %checking",
        "checking:", "%j = phi i64 [0, %compute.it], [%j.next, %check]", "%checked = icmp eq i64 %j, %values",
        "br i1 %checked, label %told, label %check",
        "check:", "%j.at = getelementptr double, ptr %out, i64 %j", "%j.value = load double, ptr %j.at",
        "%size = call double @llvm.fabs.f64(double %j.value)", "%finite = fcmp olt double %size, 0x7FF0000000000000",
        "%j.next = add nuw nsw i64 %j, 1", "br i1 %finite, label %checking, label %other",
        "told:", *_field("last"), "%silent = icmp eq ptr %last, null", "br i1 %silent, label %answer, label %tell.it",
        "tell.it:", *_field("route"), "call void @Py_IncRef(ptr %route)",
        "%placed = call i32 @PyList_SetItem(ptr %last, i64 0, ptr %route)", "br label %answer",
    ]  # fmt: skip


OTHERWISE = (
    "other:\n" + "\n".join(_field("otherwise"))
    + "\n%given = call ptr @PyObject_Vectorcall(ptr %otherwise, ptr %args, i64 %n, ptr %names)\nret ptr %given"
)  # fmt: skip


def _one_answer(_: ObjectPlaces | None) -> str:
    return f"""
answer:
  %first = load double, ptr %out
  %box = call ptr @PyFloat_FromDouble(double %first)
  ret ptr %box
{OTHERWISE}
"""


def _flat_answer(_: ObjectPlaces | None) -> str:
    return f"""
answer:
  %tuple = call ptr @PyTuple_New(i64 %outputs)
  %null = icmp eq ptr %tuple, null
  br i1 %null, label %nothing, label %fill
fill:
  %filled = call i1 @fill(ptr %tuple, i64 %outputs, ptr %out)
  br i1 %filled, label %done, label %drop
done:
  ret ptr %tuple
drop:
  call void @Py_DecRef(ptr %tuple)
  br label %nothing
nothing:
  ret ptr null
{OTHERWISE}
"""


def _two(make: str, further: str, other: str, begin: str = "") -> str:
    """An answer of two: a float, and a tuple that `make` allocates, after `begin`, and that `further` completes, from
    `more` to `done`."""
    return f"""
answer:
  %first = load double, ptr %out
  %others = sub nuw nsw i64 %outputs, 1
  %rest = getelementptr double, ptr %out, i64 1
  %answer.pair = call ptr @PyTuple_New(i64 2)
  %null = icmp eq ptr %answer.pair, null
  br i1 %null, label %nothing, label %one
one:
  %box = call ptr @PyFloat_FromDouble(double %first)
  call void @store(ptr %answer.pair, i64 0, ptr %box)
  %box.null = icmp eq ptr %box, null
  br i1 %box.null, label %drop, label %two
two:
  {begin}
  %tuple = {make}
  call void @store(ptr %answer.pair, i64 1, ptr %tuple)
  %tuple.null = icmp eq ptr %tuple, null
  br i1 %tuple.null, label %drop, label %fill
fill:
  %filled = call i1 @fill(ptr %tuple, i64 %others, ptr %rest)
  br i1 %filled, label %more, label %drop
more:
{further}
done:
  ret ptr %answer.pair
drop:
  call void @Py_DecRef(ptr %answer.pair)
  br label %nothing
nothing:
  ret ptr null
{other}
"""


def _run_answer(_: ObjectPlaces | None) -> str:
    none = "other:\n" + "\n".join(_field("none")) + "\ncall void @Py_IncRef(ptr %none)\nret ptr %none"
    return _two("call ptr @PyTuple_New(i64 %others)", "br label %done", none)


def _pair_answer(places: ObjectPlaces | None) -> str:
    """The attribute is a tuple of the record's `source` and the arguments."""
    fields = {name: "\n".join(_field(name)) for name in ("class", "source", "attribute", "new")}
    if places is None:
        make, begin, made = "call ptr @PyTuple_New(i64 %others)", "", "%converted"
        complete = f"""
  {fields["class"]}
  {fields["new"]}
  %class.tuple = alloca ptr, i64 2
  store ptr %class, ptr %class.tuple
  %second = getelementptr ptr, ptr %class.tuple, i64 1
  store ptr %tuple, ptr %second
  %converted = call ptr @PyObject_Vectorcall(ptr %new, ptr %class.tuple, i64 2, ptr null)
  %swapped = call i32 @PyTuple_SetItem(ptr %answer.pair, i64 1, ptr %converted)
  %converted.null = icmp eq ptr %converted, null
  br i1 %converted.null, label %drop, label %complete
complete:
"""
    else:
        make, begin, made = "call ptr @PyType_GenericAlloc(ptr %class, i64 %others)", fields["class"], "%tuple"
        complete = (
            f"""
  %hash.at = getelementptr i8, ptr %tuple, i64 {places.hash}
  store i64 -1, ptr %hash.at
"""
            if places.hash
            else ""
        )
    further = f"""
  {complete}
  {fields["source"]}
  %length = add nuw nsw i64 %n, 1
  %told.as = call ptr @PyTuple_New(i64 %length)
  %told.null = icmp eq ptr %told.as, null
  br i1 %told.null, label %drop, label %tell
tell:
  call void @Py_IncRef(ptr %source)
  call void @store(ptr %told.as, i64 0, ptr %source)
  br i1 %any, label %telling, label %attach
telling:
  %m = phi i64 [0, %tell], [%m.next, %telling]
  %m.at = getelementptr ptr, ptr %args, i64 %m
  %m.arg = load ptr, ptr %m.at
  call void @Py_IncRef(ptr %m.arg)
  %m.next = add nuw nsw i64 %m, 1
  call void @store(ptr %told.as, i64 %m.next, ptr %m.arg)
  %m.end = icmp eq i64 %m.next, %n
  br i1 %m.end, label %attach, label %telling
attach:
  {fields["attribute"]}
  %set = call i32 @PyObject_SetAttr(ptr {made}, ptr %attribute, ptr %told.as)
  call void @Py_DecRef(ptr %told.as)
  %failed = icmp slt i32 %set, 0
  br i1 %failed, label %drop, label %done
"""
    return _two(make, further, OTHERWISE, begin)


ANSWERS = {"run": _run_answer, ONE: _one_answer, FLAT: _flat_answer, PAIR: _pair_answer}
