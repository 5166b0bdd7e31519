"""What callers say that is none of a dialplan's intents: bare answers, fragments, talk to others, other businesses.

The router learns from these what to leave alone. They are of no particular line of business.
"""

ANSWERS = (
    "tomorrow", "today", "next Friday", "on the 21st", "the third of March", "the day after tomorrow", "it was Tuesday",
    "from Monday to Thursday", "until the 15th", "since last week", "from the 3rd to the 9th of May", "in two weeks",
    "for a week", "three days", "for two nights", "two nights, Friday to Sunday", "about an hour", "ten minutes",
    "at half past six", "7:30 p.m.", "around noon", "quarter to nine in the morning", "any time after four",
    "tomorrow morning at ten", "Saturday the 4th at 8", "between nine and eleven", "starting on the 1st of June",
    "four five six seven", "4 5 6 7", "it's 8 8 2 1 0 4", "oh seven nine double two", "A B 1 2 3", "B as in boy",
    "two", "just one", "there are five of us", "four people", "two adults and one child", "3", "seven", "a dozen",
    "me and my wife", "my husband and I", "me, my brother and two friends", "just me",
    "one for me and two for my mother",
    "it's for my father", "a family of four", "no kids, just us two", "my two daughters and I", "six of them",
    "twenty dollars", "about forty five euros", "it was fifty pounds", "a hundred and twenty", "less than a thousand",
    "John Smith", "my name is Maria Lopez", "it's Brown, B R O W N", "this is Peter", "Anna speaking", "under Jackson",
    "the name is Kim", "first name Sarah, last name Cole", "twelve Baker Street, London", "14 Elm Avenue apartment 3",
    "the zip code is 90210", "john dot smith at gmail dot com", "my email is kate at example dot org",
    "my number is 555 0123", "plus four four two oh seven", "the red one", "the large one", "the first one",
    "the second option", "either is fine", "the blue, in medium", "both of them", "whatever is easiest",
    "the cheaper one",
    "I said Thursday", "no, the fifteenth", "not Monday, Tuesday", "it ends in 6 7", "that's 1 4, not 4 0",
    "a bit later than that", "earlier if possible", "in the afternoon", "early in the evening", "on weekdays",
    "for my wife", "at home", "at work", "in the kitchen", "in Chicago", "near the station", "upstairs", "downtown",
    "arriving on Thursday, leaving on Sunday", "two of these and one of those", "one large, one small",
)  # fmt: skip
THINGS = (
    "a table for three", "a large pepperoni pizza", "two tickets to London", "a red jacket in size medium",
    "a room for four people", "one adult and two children for five nights", "a small car for the weekend",
    "three seats by the window", "from the 3rd to the 9th, for two people", "the 12th to the 18th for three adults",
    "a single for tomorrow, two nights", "a four day trip for my family", "a dozen eggs and some milk",
    "two boxes of the large ones", "a window seat for me and an aisle seat for my wife", "a blue one with long sleeves",
    "we would like one for four from Friday until Sunday", "I would need it for five days",
    "I'd like one for two adults and a child", "my wife and I will need one and another for our daughter",
    "I will arrive on the 4th and leave on the 9th", "I'm coming on Saturday", "we're leaving on Wednesday",
    "there will be six of us for three nights", "it's the one for tonight", "we are two couples",
    "I'm arriving at eight in the evening with my brother", "we will be late, around nine", "just for one day",
)  # fmt: skip
FRAGMENTS = (
    "um", "uh", "well", "so", "let me see", "let me think", "it's", "I", "and then", "the thing is", "I mean",
    "you know", "hold on, where did I put it", "one second", "sorry, I was talking to my son", "what was it again",
    "yes it's me", "honey, where is the letter", "turn the radio down", "no I'm on the phone", "be quiet please",
    "okay so here is the situation", "I don't really know how to say this", "it's a long story", "as I was saying",
    "like I told your colleague", "that is what I was told", "I have it right here in front of me", "I'm driving",
    "the other day", "because of that", "if that makes sense", "that's what it says here", "I'm reading it now",
)  # fmt: skip
ELSEWHERE = (
    "what's the weather like", "who won the game last night", "tell me a joke", "what is the capital of France",
    "how do I bake a cake", "do you like music", "are you a robot", "how old are you", "sing me a song",
    "what is the meaning of life", "can you recommend a movie", "play some jazz", "set an alarm for six",
    "turn on the lights", "translate this into Spanish", "how far is the moon", "who is the president",
    "my cat is very cute", "I had pasta for lunch", "I'm feeling a bit tired today", "it's raining here",
    "traffic is terrible this morning", "I like your voice", "my grandson is visiting", "we went to the beach",
    "do you sell tractors", "I need a haircut", "is there a pharmacy nearby", "I want to learn the piano",
    "the stock market went down", "can you help me with my homework", "my neighbor is too loud",
    "I'd like to adopt a dog", "when does the train leave", "where can I vote", "I want to file my taxes",
    "call me a taxi", "write me a poem", "how many calories are in an apple", "what time is it in Tokyo",
    "I'm thinking about moving to Canada", "my computer has a virus", "my back hurts", "can you fix my roof",
    "I am calling about a survey", "is this the dentist", "wrong number I think", "we have a special offer for you",
)  # fmt: skip
SENTENCES = ANSWERS + THINGS + FRAGMENTS + ELSEWHERE
