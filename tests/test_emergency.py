"""Danger is put above any answer, in many phrasings; a question about it, a denial and the past are not danger."""

import re
from pathlib import Path

import pytest
import yaml

from tasks.emergency import CRISIS, POISON, emergency

DANGER = {
    "suicidal thoughts": [
        "I want to die",
        "I don't want to live any more",
        "I keep thinking about killing myself",
        "everyone would be better off dead without me... I would be better off dead",
        "How can I end my life?",
        "I'm feeling suicidal since the new antidepressant",
        "there is no reason to go on",
        "i wanna die",
        "I dont want to be here anymore",
        "I just want to end it all",
        "my brother says he's gonna kill himself",
        "i am sucidal",
        "I self-harm",
        "she cuts herself at night",
        "how to kill myself painlessly",
        "What is the easiest way to kill myself",
        "what is the best way to commit suicide",
        "What's the most painless way to die?",
        "how many tylenol would kill me",
        "I cut myself on purpose when I'm sad",
        "I want to hurt myself while nobody is at home",
        "should I call the suicide prevention hotline",
    ],
    "overdose or poisoning": [
        "I took too many paracetamol",
        "My toddler swallowed a button battery",
        "She overdosed on her sleeping pills",
        "he drank bleach by mistake",
        "I've taken all of my pills",
        "I took a whole bottle of ibuprofen",
        "I took 30 paracetamol",
        "i have taken twenty pills of my mums",
        "she's taken a handful of sleeping tablets",
        "I took the whole packet",
        "I've od'd",
        "took too many on purpose",
        "she took all her antibiotics by mistake",
        "my kid ate my blood pressure pills",
        "i think my son has eaten some of gran's heart tablets",
        "my toddler drank my methadone",
        "i injected too much insulin",
        "I consumed 15 tablets of alprazolam",
        "kerosene was swallowed by my son",
        "I accidentally took a double dose of warfarin",
        "child ingested bleach",
        "my little boy swallowed washing up liquid",
    ],
    "stroke signs": [
        "My wife's face is drooping",
        "suddenly slurred speech, is it the new pill?",
        "My left arm has gone numb all at once",
        "He is slurring his words",
        "I can't move my right arm",
        "grandma's mouth is crooked since breakfast",
        "my speech is all slurred this morning",
        "numbness down one side of my body",
        "half of his body is not working",
        "mum's face has dropped on one side",
        "I've got the worst headache of my life",
        "I think my dad had a stroke",
        "I had a stroke last year and now my face is drooping again",
        "I had a TIA in 2019 and my arm is numb again",
    ],
    "heart attack signs": [
        "I have chest pain and my arm tingles",
        "There is a crushing pain in my chest",
        "my chest hurts, what should I take?",
        "Can I take aspirin for pressure on my chest?",
        "I think I'm having a heart attack",
        "dad says an elephant is sitting on my chest",
        "chest hurts really bad",
        "my dad chest paining since two hours",
        "tight chest and pain down left arm",
        "my chest feels really tight and heavy",
        "I think it's a heart attack",
        "I've never had chest pain like this",
        "never had chest pain this bad",
        "I can't climb the stairs without chest pain",
        "my husband with a history of heart attack has chest pain now",
        "60 years old, history of hypertension, chest pain",
        "I don't know if it's reflux or chest pain from the heart",
        "no medicine helps my cough or chest pain",
        "Fever: no\nChest pain: yes",
    ],
    "trouble breathing": [
        "I can't breathe",
        "my son is gasping for air",
        "Her lips are blue",
        "My throat is closing up after the penicillin",
        "He is not breathing",
        "Shes not breathing",
        "i cant breath",
        "I can't catch my breath",
        "he cannot able to breathe",
        "my throat's closing",
        "I'm having a hard time breathing",
        "my tongue is swelling up after amoxicillin",
        "my throat feels like it is closing",
        "my kid is having an asthma attack",
        "hives and wheezing after shrimp",
        "I have a history of asthma and I can't breathe",
    ],
    "unconsciousness or a seizure": [
        "my husband is unconscious",
        "She won't wake up",
        "He's having a seizure",
        "my mother just collapsed",
        "she is not responding",
        "he isn't responding to questions",
        "he is unresponsive to pain",
        "can't wake my husband",
        "my baby won't wake up for feeds",
        "my wife is fitting",
        "my daughter is convulsing",
        "he is foaming at the mouth",
        "my baby has gone limp",
        "He's not well and unconscious",
        "she is not talking and unresponsive",
        "he had a stroke 2 years ago he is unconscious",
        "He collapsed when he was a few minutes into his run",
    ],
    "heavy bleeding": [
        "I'm bleeding heavily",
        "He is vomiting blood",
        "I can't stop the bleeding",
        "the wound is bleeding and it won't stop",
        "I'm not well and bleeding heavily",
        "black tarry stools on warfarin",
        "i'm spitting up blood",
        "blood is pouring out of the cut",
        "I've soaked two pads an hour since delivery",
    ],
    "danger to an unborn child or in pregnancy": [
        "My baby has stopped moving, I'm 34 weeks",
        "I am pregnant and bleeding",
        "I'm pregnant and have heavy bleeding",
        "haven't felt the baby move all day",
        "baby kicks have stopped",
        "my water broke and I'm only 30 weeks",
        "severe headache, blurred vision, 35 weeks pregnant",
    ],
    "dangerous blood sugar": [
        "My blood sugar is 30 and I am confused",
        "my mum's blood sugar dropped to 38",
        "my glucose is 2.1",
        "blood sugar reading of 550",
    ],
    "fever in a newborn": [
        "My newborn has a fever of 39.5",
        "my 6 week old has a fever",
        "my 10-day-old baby has a temp of 38.4",
    ],
    "snake bite": ["a snake bit my son", "I was bitten by a viper", "snakebite on my ankle"],
    "signs of meningitis": ["he has a rash that won't fade", "stiff neck, high fever and sleepy"],
}
CALM = {
    "asked in general": [
        "What are the signs of a stroke?",
        "How is a heart attack treated?",
        "Does aspirin prevent heart attacks?",
        "Can garlic cure high blood pressure?",
        "What does suicidal ideation mean?",
        "Is it true that overdose deaths are rising?",
        "What causes shortness of breath?",
        "What is anaphylaxis?",
        "How do overdoses of vitamin D happen?",
        "Do antidepressants raise the suicide risk in teenagers?",
        "Is naloxone used for opioid overdose?",
        "How is snake bite treated?",
        "What is a fever in a newborn?",
        "How to prevent an asthma attack?",
        "I work in suicide prevention",
    ],
    "denied": [
        "I have no chest pain, only a cough",
        "The patient denies chest pain",
        "denies fever, cough or chest pain",
        "No more chest pain since I started the beta blocker",
        "I no longer have chest pain",
        "I've never had a seizure, and never had chest pain",
        "I am not suicidal, just tired",
        "I don't want to die young, so what should I eat?",
        "He does not have slurred speech",
        "my newborn has no fever, just a cold",
    ],
    "past or another's": [
        "I had a stroke in 2015 and take aspirin",
        "He had chest pain years ago",
        "As a child, I had chest pain",
        "I used to have chest pain before the stent",
        "My mother has a history of chest pain; is ibuprofen ok for her?",
        "My father had a heart attack at 50, should I take aspirin?",
        "My father has a family history of stroke; having a stroke myself worries me",
        "What should I do to avoid having a heart attack?",
        "Can I take ibuprofen if I'm already on aspirin for heart disease?",
        "I had an asthma attack as a child",
    ],
    "harmless": [
        "I cut myself shaving",
        "I cut myself while chopping onions",
        "I hurt myself running a marathon",
        "i hurt myself at the gym",
        "I took all my antibiotics as prescribed",
        "I took 40 mg of omeprazole this morning",
        "I took 20 minutes to fall asleep",
        "I took 2 ibuprofen for a headache",
        "I took too many naps",
        "I ate my pills with food",
        "my child ate too many sweets",
        "my son swallowed his pill fine",
        "I swallowed a tablet without water",
        "She took twice the recommended time",
        "can't breathe through my nose with hay fever",
        "I can't wake up early, does melatonin help?",
        "My wife is fitting a kitchen",
        "He is not responding to metformin",
        "My stools are black since I take iron",
        "I am pregnant and my gums are bleeding",
        "my blood sugar is 130 after meals",
        "my blood sugar is 7.2",
        "My 3 year old has a fever of 39",
        "I walk with a limp",
    ],
    "a manner of speaking": [
        "this movie killed me",
        "My back is killing me",
        "I'm dying for a coffee, is it bad with iron?",
        "I nearly had a heart attack when I saw the bill",
        "I'd rather die than eat kale",
    ],
    "nothing": ["", "   ", "..."],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in DANGER.items() for text in texts])
def test_danger_is_recognised(kind: str, text: str) -> None:
    found = emergency(text)
    assert found is not None and found.kind == kind


@pytest.mark.parametrize("text", [text for texts in CALM.values() for text in texts])
def test_what_is_no_danger_raises_no_alarm(text: str) -> None:
    assert emergency(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I CANNOT BREATHE",
        "i can not breathe",
        "I can\u2019t\nbreathe",
        "I  can`t   breathe",
        "Im alone and cant breathe",
    ],
)
def test_one_thing_is_written_in_many_ways(text: str) -> None:
    found = emergency(text)
    assert found and found.kind == "trouble breathing"


def test_each_danger_has_its_own_words() -> None:
    """A crisis line and a poison centre are named where they help; curly quotes are read too."""
    for text, message in (("I want to die", CRISIS), ("I took too many pills", POISON)):
        found = emergency(text)
        assert found and found.message == message
    assert emergency("I can’t breathe") is not None


def test_the_gravest_is_said_first() -> None:
    found = emergency("I took too many pills because I want to die, and my chest hurts")
    assert found and found.kind == "suicidal thoughts"


def test_no_repeat_is_without_a_bound() -> None:
    """Only the letters of one word, or its digits, may go on; so a long text is read in one go."""
    lists = yaml.safe_load((Path(emergency.__code__.co_filename).parent / "emergencies.yaml").read_text("utf-8"))
    written = [pattern for rule in lists["rules"] for pattern in rule["patterns"]]
    for pattern in [*written, *(line for lines in lists["words"].values() for line in lines)]:
        beside_words = re.sub(r"(\\w|\\d|\[\\w'-?\]|\[a-z\])[*+]", "", pattern)
        assert not re.search(r"[*+]|\{\d+,\}", beside_words), pattern


@pytest.mark.parametrize("said", ["no chest pain ", "chest pain years ago ", "I took 20 mg and 20 mg "])
def test_a_long_text_is_read_to_its_end(said: str) -> None:
    found = emergency(f"{said * (100_000 // len(said))}. My wife is unconscious")
    assert found and found.kind == "unconsciousness or a seizure"
