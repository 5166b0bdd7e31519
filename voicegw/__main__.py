from voicegw.cli import main

if __name__ == "__main__":
    main()
