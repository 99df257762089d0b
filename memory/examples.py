"""What a small model is shown before it is asked about a sentence, and how the sentence stands behind that. What the question is
in the middle of the model is read by memory/probe.py, whose numbers belong to these very words: whoever changes one learns the
others anew."""

from inference.prompt import Part, Prompt, one_line

ALWAYS = "always"
"""What holds under no particular circumstance."""

WORTH: Prompt = (
    Part(
        "You read sentences from a group chat, and say whether one tells something worth remembering about the life, the tastes "
        "or the habits of the person who wrote it.",
        "system",
    ),
    Part(
        "Sentence: I've been a vegetarian since school. Worth remembering? yes\n"
        "Sentence: lol that's so true Worth remembering? no\n"
        "Sentence: Mondays are for the gym. Worth remembering? yes\n"
        "Sentence: I'll be there in ten minutes. Worth remembering? no\n"
        "Sentence: Two cats and a parrot share our kitchen. Worth remembering? yes\n"
        "Sentence: you should restart the router Worth remembering? no\n"
        "Sentence: The kids call me by my first name. Worth remembering? yes\n"
        "Sentence: That photo turned out great! Worth remembering? no\n"
        "Sentence: No milk in my tea, please, I get a rash. Worth remembering? yes\n"
        "Sentence: someone left the door open again Worth remembering? no\n"
        "Sentence: Last week we signed for the new flat. Worth remembering? yes\n"
        "Sentence: I think the second goal was offside. Worth remembering? no\n"
    ),
)
STANDS: Prompt = (
    Part(
        "You read two statements that one person made in a chat, one long after the other, and say whether the earlier one is "
        "still true.",
        "system",
    ),
    Part(
        "Earlier: I drive an old Volvo. Later: Sold the car, I cycle everywhere. Is the earlier one still true? no\n"
        "Earlier: My brother plays the drums. Later: The piano is what my sister plays. Is the earlier one still true? yes\n"
        "Earlier: Meat is on my plate every day. Later: Three months without steak and I feel great. "
        "Is the earlier one still true? no\n"
        "Earlier: At work I wear a tie. Later: On Saturdays you'll see me in a tracksuit. Is the earlier one still true? yes\n"
        "Earlier: The rent takes 600 a month. Later: 700 goes to the landlord on the first. Is the earlier one still true? no\n"
        "Earlier: I love jazz. Later: Blues is another thing that I can't get enough of. Is the earlier one still true? yes\n"
        "Earlier: Our puppy weighs three kilos. Later: The vet's scales said eight for the little dog. "
        "Is the earlier one still true? no\n"
        "Earlier: I was born in Lyon. Later: Home is a small flat in Nice. Is the earlier one still true? yes\n"
        "Earlier: Dr. Weber looks after my teeth. Later: My dentist is a Ms Novak. Is the earlier one still true? no\n"
        "Earlier: I'm allergic to nuts. Later: Peanuts give me a rash. Is the earlier one still true? yes\n"
        "Earlier: Choir is on Tuesdays. Later: The choir meets on Thursday evenings. Is the earlier one still true? no\n"
        "Earlier: I keep bees. Later: My first hens have moved in. Is the earlier one still true? yes\n"
    ),
)
ANSWERS: Prompt = (
    Part(
        "You read two things that one person said in a chat, one long after the other, and a question that they ask today. "
        "You say which of the two answers it today.",
        "system",
    ),
    Part(
        "Asked: how do I get around? Earlier: I drive an old Volvo. Later: Sold the car, I cycle everywhere. "
        "Answered by: later\n"
        "Asked: what does my brother play? Earlier: My brother plays the drums. Later: The piano is what my sister plays. "
        "Answered by: earlier\n"
        "Asked: do I eat meat? Earlier: Meat is on my plate every day. Later: Three months without steak and I feel great. "
        "Answered by: later\n"
        "Asked: which town was I born in? Earlier: I was born in Lyon. Later: Home is a small flat in Nice. "
        "Answered by: earlier\n"
        "Asked: how much is my rent? Earlier: The rent takes 600 a month. Later: The landlord gets his 700 on the first and "
        "still won't mend the tap. Answered by: later\n"
        "Asked: what do I play for the Otters? Earlier: I'm the goalkeeper of the Otters. Later: Our goal is new, the old one "
        "fell on Tim. Answered by: earlier\n"
        "Asked: how heavy is the puppy? Earlier: Our puppy weighs three kilos. Later: eight kilos of puppy on my lap while I "
        "type this lol Answered by: later\n"
        "Asked: when does my choir meet? Earlier: Choir is on Tuesdays. Later: Missed choir on Thursday because of the flu, "
        "sorry all! Answered by: later\n"
        "Asked: who is my dentist? Earlier: Dr. Weber looks after my teeth. Later: Had a beer with Ms Novak, she is a dentist "
        "too. Answered by: earlier\n"
        "Asked: which insects do I keep? Earlier: I keep bees. Later: My first hens have moved in. Answered by: earlier\n"
    ),
)
HOLDS: Prompt = (
    Part(
        "You read what somebody wrote in a chat, and say under which circumstance it holds, in a few words, or that it always "
        "holds.",
        "system",
    ),
    Part(
        "Said: Driving is for glasses, reading isn't. It holds: when I drive\n"
        "Said: I never eat sweets. It holds: always\n"
        "Said: At work I only drink tea. It holds: at work\n"
        "Said: Our cat is called Tom. It holds: always\n"
        "Said: Sundays belong to my choir. It holds: on Sundays\n"
        "Said: My left knee hurts since the fall. It holds: always\n"
        "Said: Grandma's table knows no phones. It holds: at my grandma's table\n"
        "Said: The bank pays my wages. It holds: always\n"
        "Said: My bike gets the winter off. It holds: in winter\n"
        "Said: I can't stand loud music. It holds: always\n"
        "Said: As a referee I wear contacts. It holds: as a referee\n"
        "Said: Two boys and a girl keep us awake. It holds: always\n"
        "Said: Deadlines make me eat chocolate. It holds: before a deadline\n"
        "Said: We live on the third floor. It holds: always\n"
        "Said: A visitor in the house and I lock the study. It holds: with a visitor in the house\n"
        "Said: Coffee has no place in my kitchen. It holds: always\n"
        "Said: A headache means no screens for me. It holds: when I have a headache\n"
        "Said: I've taken up the cello. It holds: always\n"
    ),
)

NAMES: Prompt = (
    Part(
        "You read what somebody wrote in a chat about how they do things, and say on what occasion it holds, in a few of their "
        "own words.",
        "system",
    ),
    Part(
        "Said: Driving is for glasses, reading isn't. Only when: I'm driving\n"
        "Said: At work I only drink tea. Only when: I'm at work\n"
        "Said: Sundays belong to my choir. Only when: it's Sunday\n"
        "Said: Grandma's table knows no phones. Only when: I'm at Grandma's table\n"
        "Said: My bike gets the winter off. Only when: it's winter\n"
        "Said: Nobody gets to hear my whistle but the team that I coach. Only when: I coach the team\n"
        "Said: Deadlines make me eat chocolate. Only when: I have a deadline\n"
        "Said: The kids in the back mean no swearing. Only when: the kids are in the back\n"
        "Said: A headache means no screens for me. Only when: I have a headache\n"
        "Said: Tourists get my slow English, my mates the other one. Only when: I talk to tourists\n"
        "Said: It's trainers for the office and boots for the garden. Only when: I'm at the office\n"
        "Said: Half the pay in August, the school is shut. Only when: it's August\n"
    ),
)


def worth(sentence: str) -> str:
    return f"Sentence: {one_line(sentence)} Worth remembering?"


def stands(newer: str, older: str) -> str:
    return f"Earlier: {one_line(older)} Later: {one_line(newer)} Is the earlier one still true?"


def answers(question: str, newer: str, older: str) -> str:
    return f"Asked: {one_line(question)} Earlier: {one_line(older)} Later: {one_line(newer)} Answered by:"


def holds(sentence: str) -> str:
    return f"Said: {one_line(sentence)} It holds:"


def names(sentence: str) -> str:
    return f"Said: {one_line(sentence)} Only when:"
